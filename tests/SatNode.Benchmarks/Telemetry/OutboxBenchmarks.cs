using SatNode.Benchmarks.Measuring;
using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;
using SatNode.Protocol.Telemetry;

namespace SatNode.Benchmarks.Telemetry;

/// <summary>Records that are on disk before they are sent.</summary>
internal static class OutboxBenchmarks
{
    public static Comparison Record(Workspace workspace)
    {
        var comparison = new Comparison("telemetry.outbox", "an event numbered, encoded and safe on disk", Display.Rate);
        var database = comparison.Own(FlightDatabase.Open(workspace.Fresh("flight.db")));
        var outbox = comparison.Own(new Outbox(database, TimeProvider.System));
        var disk = comparison.Own(new BareDisk(workspace.Fresh("bare")));
        var report = new EventReport(Events.LinkUp.Id, Severity.Informative, ["p01-s02"]);
        byte[] page = new byte[4096 + 24];
        return comparison
            .Add(Role.Product, "outbox", n =>
            {
                for (int i = 0; i < n; i++)
                    Check.That(outbox.Record(TelemetryStream.Event, report), "the disk to take it");
            })
            .Add(Role.Limit, "append a page of a log and sync", n =>
            {
                for (int i = 0; i < n; i++)
                    disk.AppendAndSync(page);
            });
    }
}
