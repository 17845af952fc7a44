using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SatNode.Functions.Runtime;
using SatNode.Functions.Tests.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Tests.Workflow;

/// <summary>The heavy function and the WASI command.</summary>
public sealed class SampleFunctionTests(WildfireChain chain) : IClassFixture<WildfireChain>
{
    [Fact]
    public void Smooths_the_scene_without_moving_its_mean()
    {
        byte[] raster = chain.Outputs["ingest"];
        InvocationOutcome outcome = chain.Run("denoise", [.. raster, 1, 3]);
        Assert.True(outcome.Succeeded, outcome.Reason);
        byte[] before = raster[(56 + (3 * 349 * 352))..(56 + (4 * 349 * 352))], after = outcome.Output[56..].ToArray();
        Assert.Equal(before.Length, after.Length);
        Assert.Equal(before.Average(b => b), after.Average(b => b), 0.5);
        Assert.True(Roughness(after) < 0.8 * Roughness(before), $"{Roughness(after)} after, {Roughness(before)} before");
    }

    [Fact]
    public void Works_in_proportion_to_its_rounds_and_gives_the_same_bytes_for_a_seed()
    {
        InvocationOutcome one = chain.Run("denoise", [1]), two = chain.Run("denoise", [2]), again = chain.Run("denoise", [1]);
        Assert.True(one.Succeeded && two.Succeeded, one.Reason + two.Reason);
        Assert.InRange((double)two.FuelUsed / one.FuelUsed, 1.9, 2.1);
        Assert.Equal(one.Output.ToArray(), again.Output.ToArray());
        Assert.Equal(one.FuelUsed, again.FuelUsed);
    }

    [Fact]
    public void Refuses_rounds_out_of_range() => Assert.Equal("gave up with code 2: expected 1 to 16 rounds", chain.Run("denoise", [17]).Reason);

    [Fact]
    public void Greets_by_standard_input_output_and_environment()
    {
        InvocationOutcome outcome = chain.Run("greet", "Ada"u8.ToArray(), FunctionKind.Command);
        Assert.Equal(InvocationEnd.Completed, outcome.End);
        Assert.Equal("hello Ada, this is greet on p01-s02\n", Encoding.UTF8.GetString(outcome.Output.Span));
    }

    [Fact]
    public void Ends_a_command_by_its_exit_code()
    {
        InvocationOutcome outcome = chain.Run("greet", [], FunctionKind.Command);
        Assert.Equal((InvocationEnd.Trapped, "ended with exit code 2"), (outcome.End, outcome.Reason));
    }

    [Fact]
    public void Finds_the_vegetation_that_the_bands_show()
    {
        byte[] raster = chain.Outputs["ingest"];
        const int pixels = 349 * 352;
        double[] expected = [.. Enumerable.Range(0, pixels).Select(i => (Red: (double)raster[56 + (2 * pixels) + i], Infrared: (double)raster[56 + (3 * pixels) + i]))
            .Where(p => p.Red + p.Infrared > 0).Select(p => (p.Infrared - p.Red) / (p.Infrared + p.Red))];
        InvocationOutcome outcome = chain.Run("ndvi", raster);
        Assert.True(outcome.Succeeded, outcome.Reason);
        using JsonDocument found = JsonDocument.Parse(outcome.Output);
        JsonElement root = found.RootElement, index = root.GetProperty("ndvi");
        Assert.Equal(expected.Length, root.GetProperty("pixels").GetInt32());
        Assert.Equal(expected.Min(), index.GetProperty("min").GetDouble(), 0.0001);
        Assert.Equal(expected.Average(), index.GetProperty("mean").GetDouble(), 0.0001);
        Assert.Equal(expected.Max(), index.GetProperty("max").GetDouble(), 0.0001);
        Assert.Equal(expected.Count(v => v >= 0.3) / (double)expected.Length, root.GetProperty("vegetated").GetDouble(), 0.0001);
        Assert.Equal(expected.Length, root.GetProperty("histogram").EnumerateArray().Sum(c => c.GetInt32()));
        Assert.Equal(expected.Count(v => v is >= 0.3 and < 0.4), root.GetProperty("histogram")[13].GetInt32(), 2.0); // a value on the border may fall to either side
    }

    [Theory]
    [InlineData(0, "gave up with code 2: expected a raster")]
    [InlineData(56, "gave up with code 2: expected at least four whole bands")]
    [InlineData(56 + (4 * 349 * 352) - 1, "gave up with code 2: expected at least four whole bands")]
    public void Says_what_is_wrong_with_a_raster_in_words_from_another_language(int length, string reason)
    {
        InvocationOutcome outcome = chain.Run("ndvi", chain.Outputs["ingest"][..length]);
        Assert.Equal((InvocationEnd.Trapped, reason), (outcome.End, outcome.Reason));
    }

    [Fact]
    public void Counts_by_name_from_one_invocation_to_the_next()
    {
        byte[] module = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "functions", "tally", "tally.wasm"));
        using DeployedFunction tally = chain.Runtime.Install(
            new() { Name = "tally", Version = "1.0.0", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(module), Needs = FunctionNeeds.State }, module);
        var environment = new TestEnvironment();
        string Count(string name)
        {
            InvocationOutcome outcome = chain.Runtime.Invoke(tally, Encoding.UTF8.GetBytes(name), environment, CancellationToken.None);
            return outcome.Succeeded ? Encoding.UTF8.GetString(outcome.Output.Span) : outcome.Reason;
        }
        Assert.Equal(("1", "2", "1", "3"), (Count("Ada"), Count("Ada"), Count("Grace"), Count("Ada")));
        environment.State["Ada"] = BitConverter.GetBytes(ulong.MaxValue - 1);
        Assert.Equal(("18446744073709551615", "0"), (Count("Ada"), Count("Ada")));
        Assert.Equal("1", Count(new('n', 100)));
        Assert.Equal(("gave up with code 2: expected a name of 1 to 100 bytes", "gave up with code 2: expected a name of 1 to 100 bytes"), (Count(""), Count(new('n', 101))));
    }

    private static double Roughness(byte[] band) => Enumerable.Range(1, band.Length - 1).Average(i => Math.Abs(band[i] - band[i - 1]));
}
