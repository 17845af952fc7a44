using SatNode.Ground.Placement;
using SatNode.Protocol.Functions;
using SatNode.Protocol.Quantities;

namespace SatNode.Ground.Tests.Placement;

/// <summary>Satellites and functions for tests: cool, charged, in contact and idle unless told.</summary>
internal static class Satellites
{
    public static readonly DateTimeOffset Now = new(2026, 8, 15, 21, 0, 0, TimeSpan.Zero);

    public static Candidate Good(string name = "p10-s03") => new()
    {
        Name = name,
        IsReachable = true,
        ContactEnd = Now.AddMinutes(5),
        NextPass = new("redu", Now.AddHours(2), Now.AddHours(2).AddMinutes(8)),
        Measured = Now,
        IsSafeMode = false,
        Board = Temperature.FromCelsius(40),
        Charge = new Ratio(0.8),
        MemoryBytes = 50e6,
    };

    public static FunctionManifest Manifest(string name = "greet", double boardMaxCelsius = 60, double chargeMin = 0.3, int memory = 16 * 1024 * 1024) => new()
    {
        Name = name,
        Version = "1.0.0",
        Kind = FunctionKind.Reactor,
        ModuleDigest = new byte[32],
        Limits = FunctionLimits.Default with { MemoryBytesMax = memory },
        Constraints = new() { BoardTemperatureMax = Temperature.FromCelsius(boardMaxCelsius), StateOfChargeMin = new Ratio(chargeMin) },
    };

    public static PlacementRequest Request(FunctionManifest? manifest = null, params string[] satellites) =>
        new(manifest ?? Manifest(), Now, satellites.Length == 0 ? null : satellites.ToHashSet(StringComparer.Ordinal));

    public static Candidate With(this Candidate candidate, params (string Function, string Image)[] functions) => candidate with
    {
        Functions = functions.ToDictionary(pair => pair.Function, pair => new PlacedFunction(pair.Image, Now.AddHours(-1)), StringComparer.Ordinal),
    };
}
