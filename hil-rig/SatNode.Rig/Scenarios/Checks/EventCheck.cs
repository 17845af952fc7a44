namespace SatNode.Rig.Scenarios.Checks;

/// <summary><c>no-event-lost</c>: every event that an agent wrote is in the archive exactly once, under the same number and name, in order and without a
/// gap; and the archive has none that no agent wrote.</summary>
internal static class EventCheck
{
    public const string Name = "no-event-lost";

    public static CheckResult Run(FlightRecord flight)
    {
        List<string> faults = [];
        int total = 0;
        foreach (SatelliteSpec satellite in flight.Scenario.Satellites)
        {
            SatelliteRecord? record = flight.Find(satellite.Name);
            if (record is null || record.Console.Count == 0)
                faults.Add($"{satellite.Name}: the agent wrote no event");
            else
                Compare(record, faults);
            total += record?.Console.Count ?? 0;
        }
        return FlightChecks.Judge(Name, faults, $"{total} events of {flight.Satellites.Count} satellites, each in the archive once and in order");
    }

    private static void Compare(SatelliteRecord record, List<string> faults)
    {
        if (Disorder(record.Console) is { } written)
            faults.Add($"{record.Name}: console: {written}");
        if (Disorder(record.Archive) is { } stored)
            faults.Add($"{record.Name}: archive: {stored}");
        Dictionary<(uint, ulong), string> archived = [];
        foreach (EventRecord item in record.Archive)
        {
            if (!archived.TryAdd((item.Boot, item.Sequence), item.Name))
                faults.Add($"{record.Name}: event {item.Boot}/{item.Sequence} ({item.Name}) is in the archive twice");
        }
        List<string> lost = [];
        foreach (EventRecord item in record.Console)
        {
            if (!archived.Remove((item.Boot, item.Sequence), out string? name))
                lost.Add($"{item.Boot}/{item.Sequence} {item.Name}");
            else if (name != item.Name)
                faults.Add($"{record.Name}: event {item.Boot}/{item.Sequence} was written as {item.Name} and archived as {name}");
        }
        if (lost.Count > 0)
            faults.Add($"{record.Name}: {lost.Count} of {record.Console.Count} events are not in the archive: {string.Join(", ", lost.Take(3))}{(lost.Count > 3 ? ", …" : "")}");
        if (archived.Count > 0)
            faults.Add($"{record.Name}: {archived.Count} events are in the archive that the agent did not write");
    }

    /// <summary>Null when boots rise and each counts from 1 without a gap, else the first place where not.</summary>
    private static string? Disorder(IReadOnlyList<EventRecord> events)
    {
        uint boot = 0;
        ulong sequence = 0;
        foreach (EventRecord item in events)
        {
            bool next = item.Boot == boot ? item.Sequence == sequence + 1 : item.Boot > boot && item.Sequence == 1;
            if (!next)
                return $"expected event {boot}/{sequence + 1}{(boot > 0 ? " or a new boot" : "")}, found {item.Boot}/{item.Sequence} ({item.Name})";
            (boot, sequence) = (item.Boot, item.Sequence);
        }
        return null;
    }
}
