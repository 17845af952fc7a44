using SatNode.Rig.Scenarios.Yaml;

namespace SatNode.Rig.Scenarios;

/// <summary>Reads the cluster of a scenario. Of the Kubernetes resources that it names only what the flight is judged by is read here: the rest is the API server's to judge.</summary>
internal static class CloudReader
{
    private const int MaxImages = 16;

    public static CloudSpec? Read(YamlMap map, double durationMinutes)
    {
        List<FunctionSpec> images = [];
        foreach (YamlValue item in map.Need("images")?.AsList(MaxImages) ?? [])
        {
            if (FunctionReader.ReadManifest(item) is { } image)
                images.Add(image);
        }
        YamlValue? functionFile = map.Need("function");
        YamlValue? mappingFile = map.Need("sloMapping");
        double window = map.Need("windowSeconds")?.AsNumber(1, 86_400) ?? 1;
        RequestSpec? requests = map.Need("requests")?.AsMap() is { } asked ? ReadRequests(asked, durationMinutes) : null;
        map.Close();
        if (ReadFunction(functionFile, images) is not { } function || ReadMapping(mappingFile, function.Resource) is not { } objective || requests is null)
            return null;
        return new()
        {
            Images = images,
            FunctionFile = functionFile!.AsFile("a SatelliteFunction"),
            MappingFile = mappingFile!.AsFile("a CostEfficiencySloMapping"),
            Resource = function.Resource,
            Function = function.Function,
            Replicas = function.Replicas,
            BoardTemperatureMaxCelsius = function.BoardTemperatureMaxCelsius,
            Threshold = objective.Threshold,
            Share = objective.Share,
            Window = TimeSpan.FromSeconds(window),
            Requests = requests,
        };
    }

    private static (string Resource, string Function, int Replicas, double? BoardTemperatureMaxCelsius)? ReadFunction(YamlValue? file, List<FunctionSpec> images)
    {
        if (Resource(file, "SatelliteFunction") is not { } root)
            return null;
        string name = NameOf(root);
        YamlMap? spec = root.Need("spec")?.AsMap();
        YamlValue? image = spec?.Need("image");
        int replicas = (int)(spec?.Find("replicas")?.AsInteger(0, 1000) ?? 1);
        double? warmest = spec?.Find("constraints")?.AsMap()?.Find("boardTemperatureMaxCelsius")?.AsNumber(-20, 85);
        root.CloseForOthers();
        spec?.CloseForOthers();
        if (image is null || images.Count == 0)
            return null;
        string called = image.AsText().Split(':')[0];
        if (images.Any(known => known.Name == called))
            return (name, called, replicas, warmest);
        image.Fault($"expected an image of the scenario by its name ({string.Join(", ", images.Select(known => known.Name))}), found '{image.AsText()}'");
        return null;
    }

    private static (TimeSpan Threshold, double Share)? ReadMapping(YamlValue? file, string function)
    {
        if (Resource(file, "CostEfficiencySloMapping") is not { } root)
            return null;
        _ = NameOf(root);
        YamlMap? spec = root.Need("spec")?.AsMap();
        YamlMap? target = spec?.Need("targetRef")?.AsMap();
        if (target?.Need("name") is { } name && name.AsText() is { Length: > 0 } found && found != function)
            name.Fault($"expected the SatelliteFunction of the scenario, '{function}', found '{found}'");
        YamlMap? objective = spec?.Need("sloConfig")?.AsMap();
        double threshold = objective?.Need("responseTimeThresholdMs")?.AsNumber(1, 86_400_000) ?? 1;
        double percent = objective?.Find("minRequestsPercentile")?.AsNumber(1, 100) ?? 90;
        foreach (YamlMap? part in (YamlMap?[])[root, spec, target, objective])
            part?.CloseForOthers();
        return (TimeSpan.FromMilliseconds(threshold), percent / 100);
    }

    private static RequestSpec ReadRequests(YamlMap map, double durationMinutes)
    {
        double from = map.Need("fromMinutes")?.AsNumber(0, durationMinutes) ?? 0;
        double to = map.Need("toMinutes")?.AsNumber(from, durationMinutes) ?? from;
        double period = map.Need("everySeconds")?.AsNumber(0.1, 3600) ?? 1;
        string input = map.Find("input")?.AsText() ?? "";
        map.Close();
        return new(TimeSpan.FromMinutes(from), TimeSpan.FromMinutes(to), TimeSpan.FromSeconds(period), input);
    }

    /// <summary>The resource of a file of its own, or null and a fault.</summary>
    private static YamlMap? Resource(YamlValue? file, string kind)
    {
        if (file is null || file.AsFile($"a {kind}").Length == 0 || new YamlFile(Path.Combine(file.File.Folder, file.AsText()), file.File.Faults).Read() is not { } root)
            return null;
        if (root.Need("kind")?.AsText() is { } found && found != kind)
            root.FaultAt("kind", $"expected {kind}, found '{found}'");
        return root;
    }

    private static string NameOf(YamlMap resource)
    {
        YamlMap? metadata = resource.Need("metadata")?.AsMap();
        string name = metadata?.Need("name")?.AsText() ?? "";
        metadata?.CloseForOthers();
        return name;
    }
}
