using SatNode.Protocol.Telemetry;
using SatNode.Protocol.Time;
using SatNode.Rig.Scenarios;
using SatNode.Rig.Scenarios.Checks;

namespace SatNode.Rig.Tests.Scenarios.Checks;

/// <summary>The good flight with a cluster that scales a function out, in which every check passes. At 60 times real time; the objective is missed at 120 s of the world.</summary>
internal static class GoodCloudFlight
{
    public static readonly CloudSpec Spec = new()
    {
        Images = [new("detect", "", "", [])],
        FunctionFile = "function.yaml",
        MappingFile = "objective.yaml",
        Resource = "detect",
        Function = "detect",
        Replicas = 1,
        BoardTemperatureMaxCelsius = 50,
        Threshold = TimeSpan.FromSeconds(10),
        Share = 0.9,
        Window = TimeSpan.FromSeconds(60),
        Requests = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(1), ""),
    };

    public static CloudRecord Record { get; } = new()
    {
        Origin = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero),
        // Before anything was served well nothing is missed: the first sample is of a function that has only begun.
        Share = [new(At(50), 0.5), new(At(60), 1), new(At(90), 0.9), new(At(120), 0.8), new(At(150), 0.6), new(At(240), 0.95), new(At(300), 1)],
        Writes =
        [
            new StatusWrite(At(20), "satnode-bridge", 1, 1, 1),
            new StrategyWrite(At(100), "polaris-slo-controller", 100),
            new StrategyWrite(At(125), "polaris-slo-controller", 220),
            new ScaleWrite(At(126), "polaris-elasticity-controller", 2),
            new StatusWrite(At(126.5), "satnode-bridge", 1, 1, 1),
            new StatusWrite(At(130), "satnode-bridge", 2, 2, 1),
            new StatusWrite(At(140), "satnode-bridge", 2, 2, 2),
        ],
        Deployments =
        [
            new("p10-s03", "c1", [("queued", At(10)), ("released", At(10)), ("accepted", At(11)), ("started", At(11)), ("completed", At(12))]),
            new("p11-s04", "c2", [("queued", At(128)), ("released", At(129)), ("accepted", At(130)), ("started", At(131)), ("completed", At(132))]),
        ],
        RequestsTaken = 480,
        RequestsRefused = 2,
        ControllerStarts = 2,
    };

    public static FlightRecord Create() => With(record => record);

    /// <summary>The flight with the cluster's record changed.</summary>
    public static FlightRecord With(Func<CloudRecord, CloudRecord> change)
    {
        FlightRecord flight = GoodFlight.With("p11-s04", record => record with { Invocations = [Served(135)] });
        return flight with { Scenario = flight.Scenario with { Cloud = Spec, Workflow = null, Commands = [] }, Cloud = change(Record) };
    }

    public static InvocationReport Served(double seconds) => GoodFlight.Report("detect") with { Queued = DtnTime.From(At(seconds - 2)), Ended = DtnTime.From(At(seconds)) };

    public static DateTimeOffset At(double seconds) => GoodFlight.Epoch.AddSeconds(seconds);
}
