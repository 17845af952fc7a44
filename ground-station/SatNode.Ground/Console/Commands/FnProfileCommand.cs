using System.CommandLine;
using System.Globalization;
using SatNode.Ground.Api;

namespace SatNode.Ground.Console.Commands;

/// <summary><c>fn profile</c>: what a function did on each satellite, and what it used.</summary>
internal static class FnProfileCommand
{
    private static readonly string[] Columns =
        ["satellite", "version", "runs", "failed", "refused", "cold/fresh/warm", "cpu p50", "cpu p99", "wall p50", "wall p99", "memory", "in", "out", "energy", "failures", "told"];

    /// <summary>The same within the width of a terminal.</summary>
    private static readonly string[] TerminalColumns =
        ["satellite", "version", "runs", "failed", "cold/fresh/warm", "cpu p50, p99", "wall p50, p99", "memory", "in, out", "energy", "told"];

    public static Command Create(Session session, Argument<string> function, Argument<string[]> satellites) =>
        session.Command("profile", "Shows what a function did on each satellite and what it used, as the satellites told last.", [function, satellites], async (call, cancellation) =>
        {
            string name = call.Get(function);
            await FnCommands.RequireAsync(call, name, cancellation);
            string[] nodes = await FnCommands.KnownAsync(call, call.Get(satellites), cancellation);
            List<SatelliteProfile> profiles = [.. (await call.Station.SatellitesAsync(cancellation))
                .Where(satellite => nodes.Length == 0 || nodes.Contains(satellite.Name, StringComparer.Ordinal))
                .SelectMany(satellite => satellite.Profiles.Where(profile => profile.Function == name).Select(profile => new SatelliteProfile(satellite.Name, profile)))];
            if (call.IsJson)
                call.Json(profiles);
            else
                call.Screen.Table(call.Screen.IsTerminal ? TerminalColumns : Columns, profiles.Select(profile => call.Screen.IsTerminal ? TerminalRow(profile) : Row(profile)), $"no satellite has told of {name} yet; one does with its first invocation, when it is in contact");
            return ExitCode.Done;
        });

    /// <summary>How often a version of a function ran, and how often that failed, on all satellites.</summary>
    public static RunCounts Totals(IEnumerable<SatelliteView> satellites, string function, string version)
    {
        long completed = 0, failed = 0;
        foreach (ProfileView profile in satellites.SelectMany(satellite => satellite.Profiles)
            .Where(profile => profile.Function == function && profile.Version == version))
        {
            completed += profile.Completed;
            failed += Failures(profile);
        }
        return new(completed + failed, failed);
    }

    private static IReadOnlyList<Cell> Row(SatelliteProfile item)
    {
        ProfileView profile = item.Profile;
        long failed = Failures(profile);
        return
        [
            new(item.Satellite, "bold"), profile.Version, Cell.Of(profile.Completed + failed), new(Cell.Of(failed).Text, failed > 0 ? "red" : ""), Cell.Of(profile.Refused),
            $"{profile.Starts.Cold}/{profile.Starts.Fresh}/{profile.Starts.Warm}", Milliseconds(profile.CpuSecondsP50), Milliseconds(profile.CpuSecondsP99),
            Milliseconds(profile.WallSecondsP50), Milliseconds(profile.WallSecondsP99), Kilobytes(profile.MemoryBytesHighest), Kilobytes(profile.InputBytes),
            Kilobytes(profile.OutputBytes), string.Create(CultureInfo.InvariantCulture, $"{profile.Joules:0.###} J"),
            Reasons(profile), new(People.Time(profile.Reported), "grey"),
        ];
    }

    private static IReadOnlyList<Cell> TerminalRow(SatelliteProfile item)
    {
        ProfileView profile = item.Profile;
        long failed = Failures(profile);
        return
        [
            new(item.Satellite, "bold"), profile.Version, Cell.Of(profile.Completed + failed), new(failed > 0 ? Reasons(profile) : "0", failed > 0 ? "red" : ""),
            $"{profile.Starts.Cold}/{profile.Starts.Fresh}/{profile.Starts.Warm}", Pair(profile.CpuSecondsP50, profile.CpuSecondsP99), Pair(profile.WallSecondsP50, profile.WallSecondsP99),
            Kilobytes(profile.MemoryBytesHighest), $"{Kilobytes(profile.InputBytes)[..^3]}, {Kilobytes(profile.OutputBytes)}",
            string.Create(CultureInfo.InvariantCulture, $"{profile.Joules:0.###} J"), new(People.Time(profile.Reported), "grey"),
        ];
    }

    private static string Reasons(ProfileView profile) => string.Join(' ', profile.Failed.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key}={pair.Value}")));

    private static string Pair(double? one, double? other) => one is null ? "" : $"{Milliseconds(one)[..^3]}, {Milliseconds(other)}";

    private static long Failures(ProfileView profile) => profile.Failed.Values.Sum();

    private static string Milliseconds(double? seconds) => seconds is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known * 1000:0.###} ms") : "";

    private static string Kilobytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:0.0} kB");

    /// <summary>How often a function ran, and how often it then did not complete.</summary>
    internal sealed record RunCounts(long Runs, long Failed);

    private sealed record SatelliteProfile(string Satellite, ProfileView Profile);
}
