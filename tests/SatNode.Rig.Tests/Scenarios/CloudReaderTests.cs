using SatNode.Rig.Scenarios;

namespace SatNode.Rig.Tests.Scenarios;

public sealed class CloudReaderTests : IDisposable
{
    private const string Cloud = """
        cloud:
          images: [detect/function.yaml]
          function: function.yaml
          sloMapping: objective.yaml
          windowSeconds: 60
          requests: { fromMinutes: 1, toMinutes: 9, everySeconds: 0.7, input: smoke }

        """;

    private const string Function = "apiVersion: satnode.dev/v1\nkind: SatelliteFunction\nmetadata: { name: fires }\nspec: { image: \"detect:1.0.0\", replicas: 2, constraints: { boardTemperatureMaxCelsius: 50 } }\n";
    private const string Mapping = "apiVersion: slo.polaris-slo-cloud.github.io/v1\nkind: CostEfficiencySloMapping\nmetadata: { name: fires }\nspec: { targetRef: { name: fires }, sloConfig: { responseTimeThresholdMs: 10000, minRequestsPercentile: 95 } }\n";

    private readonly ScenarioFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Takes_the_objective_from_the_resources_that_are_applied()
    {
        CloudSpec cloud = Read(Cloud, Function, Mapping).Cloud!;

        Assert.Equal(("fires", "detect", 2, 50.0, 0.95), (cloud.Resource, cloud.Function, cloud.Replicas, cloud.BoardTemperatureMaxCelsius, cloud.Share));
        Assert.Equal((TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)), (cloud.Threshold, cloud.Window));
        Assert.Equal(new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(0.7), "smoke"), cloud.Requests);
        Assert.Equal("detect", Assert.Single(cloud.Images).Name);
        Assert.Equal(Path.Combine(_folder.Root, "function.yaml"), cloud.FunctionFile);
    }

    [Fact]
    public void What_the_mapping_does_not_say_is_as_Polaris_has_it() =>
        Assert.Equal(0.9, Read(Cloud, Function, Mapping.Replace(", minRequestsPercentile: 95", "", StringComparison.Ordinal)).Cloud!.Share);

    [Theory]
    [InlineData("windowSeconds: 60", "windowSeconds: 0", "small.yaml:32:18: cloud.windowSeconds: expected 1 to 86400, found 0")]
    [InlineData("windowSeconds: 60\n", "\n", "small.yaml:29:3: missing key 'windowSeconds' in cloud")]
    [InlineData("toMinutes: 9", "toMinutes: 11", "small.yaml:33:42: cloud.requests.toMinutes: expected 1 to 10, found 11")]
    [InlineData("everySeconds: 0.7", "everySecond: 0.7", "small.yaml:33:45: unknown key 'everySecond' in cloud.requests; did you mean 'everySeconds'?")]
    [InlineData("function: function.yaml", "function: nowhere.yaml", "small.yaml:30:13: cloud.function: no such file 'nowhere.yaml' (a SatelliteFunction)")]
    [InlineData("images: [detect/function.yaml]", "images: [ingest/function.yaml]", "function.yaml:4:16: spec.image: expected an image of the scenario by its name (ingest), found 'detect:1.0.0'")]
    public void Refuses_a_cluster_with_one_line_that_names_the_place(string old, string @new, string told) => Refused(Replaced(Cloud, old, @new), Function, Mapping, told);

    [Theory]
    [InlineData("kind: SatelliteFunction", "kind: Deployment", "function.yaml:2:1: kind: expected SatelliteFunction, found 'Deployment'")]
    [InlineData("image: \"detect:1.0.0\", ", "", "function.yaml:4:7: missing key 'image' in spec")]
    [InlineData("metadata: { name: fires }", "metadata: { name: [", "not YAML")]
    public void Refuses_a_function_with_its_own_line(string old, string @new, string told) => Refused(Cloud, Replaced(Function, old, @new), Mapping, told);

    [Theory]
    [InlineData("targetRef: { name: fires }", "targetRef: { name: floods }", "objective.yaml:4:28: spec.targetRef.name: expected the SatelliteFunction of the scenario, 'fires', found 'floods'")]
    [InlineData("minRequestsPercentile: 95", "minRequestsPercentile: 101", "objective.yaml:4:105: spec.sloConfig.minRequestsPercentile: expected 1 to 100, found 101")]
    public void Refuses_a_mapping_with_its_own_line(string old, string @new, string told) => Refused(Cloud, Function, Replaced(Mapping, old, @new), told);

    private Scenario Read(string cloud, string function, string mapping)
    {
        _folder.Write("function.yaml", function);
        _folder.Write("objective.yaml", mapping);
        return ScenarioReader.Parse(ScenarioFolder.Scenario + cloud, _folder.Path);
    }

    private void Refused(string cloud, string function, string mapping, string told)
    {
        ScenarioException fault = Assert.Throws<ScenarioException>(() => Read(cloud, function, mapping));
        string line = Assert.Single(fault.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(told, line, StringComparison.Ordinal);
    }

    private static string Replaced(string text, string old, string @new)
    {
        Assert.Contains(old, text, StringComparison.Ordinal);
        return text.Replace(old, @new, StringComparison.Ordinal);
    }
}
