using SatNode.Benchmarks.Measuring;

namespace SatNode.Benchmarks.Bundles;

/// <summary>Two nodes over loopback: how long a bundle takes there and back, how many go over in a second, how many bits.</summary>
internal static class LinkBenchmarks
{
    /// <summary>An echo bundle on the wire, its TCPCL header included: within a few bytes.</summary>
    private const int EchoBytes = 90;

    public static Comparison Ping()
    {
        var comparison = new Comparison("link.ping", "a bundle to the neighbour's echo service and back");
        NodePair nodes = comparison.OwnAsync(NodePair.Join());
        var tcp = comparison.Own(new TcpPeer(EchoBytes, EchoBytes));
        byte[] message = new byte[EchoBytes], answer = new byte[EchoBytes];
        comparison.Notes.Add("published means: Hardy 1.8 ms, ION 2.8, cFS 7.2, ESA-BP 17, HDTN 43, dtn7-rs 43, µD3TN 45");
        return comparison
            .Add(Role.Product, "two nodes", nodes.Ping, threads: true)
            .Add(Role.Limit, $"bare TCP, blocking, {EchoBytes} bytes each way", n => tcp.Ping(message, answer, n), threads: true);
    }

    public static Comparison Memory()
    {
        var comparison = new Comparison("link.bundles-memory", "bundles of 1 KB, stores in memory, sent to delivered", Display.Rate);
        NodePair nodes = comparison.OwnAsync(NodePair.Join());
        var tcp = comparison.Own(new TcpPeer(1024, 1));
        var gathered = comparison.Own(new TcpPeer(100 * 1024, 1));
        byte[] payload = new byte[1024], hundred = new byte[100 * 1024], answer = new byte[1];
        comparison.Notes.Add("published: ION 2,970/s on one node; HDTN 91,100/s, two cores, no storage in the path");
        return comparison
            .Add(Role.Product, "two nodes", n => nodes.Send(payload, n * 100, inFlight: 1), threads: true, operationsPerRun: 100)
            .Add(Role.Limit, "bare TCP, a call a message, a byte back each", n =>
            {
                for (int i = 0; i < n; i++)
                    tcp.Stream(payload, answer, 100);
            }, threads: true, operationsPerRun: 100)
            .Add(Role.Limit, "bare TCP, a hundred a call, a byte back for all", n => gathered.Stream(hundred, answer, n), threads: true, operationsPerRun: 100);
    }

    public static Comparison Durable(Workspace workspace)
    {
        var comparison = new Comparison("link.bundles-durable", "bundles of 1 KB, safe on disk here before they are sent and there before they are acknowledged", Display.Rate);
        NodePair nodes = comparison.OwnAsync(NodePair.Join(workspace));
        var disk = comparison.Own(new BareDisk(workspace.Fresh("bare")));
        byte[] payload = new byte[1024], batch = new byte[512 * 1024];
        return comparison
            .Add(Role.Product, "two nodes, 512 senders", n => nodes.Send(payload, n * 512, inFlight: 512), threads: true, operationsPerRun: 512)
            .Add(Role.Product, "two nodes, one sender", n => nodes.Send(payload, n, inFlight: 1), threads: true)
            .Add(Role.Limit, "append 512 of them and sync, twice", n =>
            {
                for (int i = 0; i < 2 * n; i++)
                    disk.AppendAndSync(batch);
            }, operationsPerRun: 512)
            .Add(Role.Limit, "append one and sync, twice", n =>
            {
                for (int i = 0; i < 2 * n; i++)
                    disk.AppendAndSync(payload);
            });
    }

    public static Comparison Bulk()
    {
        const int bytes = 1024 * 1024;
        var comparison = new Comparison("link.bulk", "bundles of 1 MiB, stores in memory, sent to delivered", Display.BitRate, bytes);
        NodePair nodes = comparison.OwnAsync(NodePair.Join());
        var tcp = comparison.Own(new TcpPeer(bytes, 1));
        byte[] payload = new byte[bytes], answer = new byte[1];
        comparison.Notes.Add("published: ION 1.0 Gbit/s at 60 KB; HDTN 14.5 Gbit/s at 100 KB");
        return comparison
            .Add(Role.Product, "two nodes", n => nodes.Send(payload, n * 8, inFlight: 1), threads: true, operationsPerRun: 8)
            .Add(Role.Limit, "bare TCP, a call a message, a byte back each", n =>
            {
                for (int i = 0; i < n; i++)
                    tcp.Stream(payload, answer, 8);
            }, threads: true, operationsPerRun: 8);
    }
}
