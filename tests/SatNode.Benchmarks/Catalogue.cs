using SatNode.Benchmarks.Bundles;
using SatNode.Benchmarks.Functions;
using SatNode.Benchmarks.Measuring;
using SatNode.Benchmarks.Orbit;
using SatNode.Benchmarks.Telemetry;

namespace SatNode.Benchmarks;

/// <summary>All that can be measured. A comparison is made just before it is measured, so that none stands in another's way.</summary>
internal static class Catalogue
{
    public static IReadOnlyList<(string Name, Func<Workspace, Comparison> Make)> All { get; } =
    [
        ("function.invoke", _ => InvocationBenchmarks.Warm()),
        ("function.throughput", _ => InvocationBenchmarks.Throughput()),
        ("function.actor", ActorBenchmarks.RoundTrip),
        ("function.cold-start", InvocationBenchmarks.Cold),
        ("function.cold-state-64MiB", ColdStartBenchmarks.State),
        .. ColdStartBenchmarks.Chains.Select(chain => (ColdStartBenchmarks.NameOf(chain), (Func<Workspace, Comparison>)(work => ColdStartBenchmarks.Chain(work, chain)))),
        ("function.data-1KiB", _ => InvocationBenchmarks.Data(1024)),
        ("function.data-64KiB", _ => InvocationBenchmarks.Data(64 * 1024)),
        ("function.data-1MiB", _ => InvocationBenchmarks.Data(1024 * 1024)),
        ("function.data-16MiB", _ => InvocationBenchmarks.Data(16 * 1024 * 1024)),
        .. PassingBenchmarks.Sizes.Select(bytes => (PassingBenchmarks.NameOf("user-space", bytes), (Func<Workspace, Comparison>)(work => PassingBenchmarks.UserSpace(work, bytes)))),
        .. PassingBenchmarks.Sizes.Select(bytes => (PassingBenchmarks.NameOf("kernel-space", bytes), (Func<Workspace, Comparison>)(work => PassingBenchmarks.KernelSpace(work, bytes)))),
        .. PassingBenchmarks.Sizes.Select(bytes => (PassingBenchmarks.NameOf("network", bytes), (Func<Workspace, Comparison>)(work => PassingBenchmarks.Network(work, bytes)))),
        ("orbit.sgp4", _ => PropagationBenchmarks.Propagate()),
        ("orbit.world-plus-grid", _ => WorldBenchmarks.PlusGrid()),
        ("orbit.world-spanning-tree", _ => WorldBenchmarks.SpanningTree()),
        ("orbit.world-tree-with-loops", _ => WorldBenchmarks.TreeWithLoops()),
        ("orbit.world-nearest", _ => WorldBenchmarks.Nearest()),
        ("orbit.grid-30000", _ => WorldBenchmarks.ThirtyThousand()),
        ("bundle.encode", _ => CodecBenchmarks.Encode()),
        ("bundle.decode", _ => CodecBenchmarks.Decode()),
        ("link.ping", _ => LinkBenchmarks.Ping()),
        ("link.bundles-memory", _ => LinkBenchmarks.Memory()),
        ("link.bundles-durable", LinkBenchmarks.Durable),
        ("link.bulk", _ => LinkBenchmarks.Bulk()),
        ("telemetry.housekeeping-encode", _ => RecordBenchmarks.Housekeeping(decode: false)),
        ("telemetry.housekeeping-decode", _ => RecordBenchmarks.Housekeeping(decode: true)),
        ("telemetry.event-encode", _ => RecordBenchmarks.Event(decode: false)),
        ("telemetry.event-decode", _ => RecordBenchmarks.Event(decode: true)),
        ("telemetry.outbox", OutboxBenchmarks.Record),
        ("admission.judge", _ => AdmissionBenchmarks.Judge()),
        ("telecommand.open", _ => TelecommandBenchmarks.Open()),
    ];

    public static IEnumerable<string> Names => All.Select(c => c.Name);
}
