using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Time.Testing;
using SatNode.Network.Ground;
using SatNode.Protocol.Telemetry;

namespace SatNode.Network.Tests.Ground;

/// <summary>A node's end of the ground link with an outbox and an observer that record, a link that can be cut, and the world's time that moves only while a
/// test waits for something.</summary>
internal sealed class GroundWorld : ITelemetryOutbox, IGroundLinkObserver, IAsyncDisposable
{
    public const string Node = "p10-s03";

    private readonly CancellationTokenSource _stop = new();
    private readonly List<OutgoingRecord> _outbox = [];
    private readonly X509Certificate2 _certificate;
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;

    private GroundWorld(TestBroker? broker, int port, Func<GroundLinkOptions, GroundLinkOptions>? change)
    {
        Broker = broker;
        Radio = new TestLink(port);
        _certificate = Authority.Issue(Node);
        var options = new GroundLinkOptions
        {
            Node = Node,
            Host = "127.0.0.1",
            Port = Radio.Port,
            ServerName = TestAuthority.BrokerName,
            CertificateAuthority = Authority.Certificate,
            Certificate = _certificate,
            AnswerTimeout = TimeSpan.FromSeconds(20),
            KeepAlive = TimeSpan.FromSeconds(20),
        };
        Options = change?.Invoke(options) ?? options;
        Link = new GroundLink(Options, this, this, () =>
        {
            Interlocked.Increment(ref _looks);
            return IsInSight;
        }, Time);
    }

    public static TestAuthority Authority { get; } = new();

    public TestBroker? Broker { get; }

    public TestLink Radio { get; }

    public GroundLinkOptions Options { get; }

    public GroundLink Link { get; }

    public FakeTimeProvider Time { get; } = new(Orbits.Epoch);

    public bool IsInSight { get; set; } = true;

    /// <summary>How often the link asked whether a station is in sight.</summary>
    public int Looks => Volatile.Read(ref _looks);

    public ConcurrentQueue<string> Heard { get; } = new();

    public ConcurrentQueue<byte[]> Telecommands { get; } = new();

    public List<long> Acknowledged { get; } = [];

    public Action OnPeek { get; set; } = () => { };

    public int Waiting
    {
        get
        {
            lock (_lock)
                return _outbox.Count;
        }
    }

    private int _looks;

    /// <summary>A broker of the node's own authority, or of what the test says; none when <paramref name="hasBroker"/> is false.</summary>
    public static async Task<GroundWorld> Start(Func<GroundLinkOptions, GroundLinkOptions>? change = null, bool hasBroker = true, X509Certificate2? brokerCertificate = null)
    {
        if (!hasBroker)
            return new GroundWorld(null, TestBroker.FreePort(), change);
        TestBroker broker = await TestBroker.Start(Authority, brokerCertificate ?? Authority.Issue(TestAuthority.BrokerName));
        return new GroundWorld(broker, broker.Port, change);
    }

    public void Run() => _running = Task.Run(() => Link.Run(_stop.Token));

    /// <summary>Cancels the link and waits until it has ended; the world's time stands still meanwhile.</summary>
    public async Task End()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public void Record(int first, int count, int bytes = 9000) // large ones go down each by itself
    {
        lock (_lock)
        {
            for (int i = first; i < first + count; i++)
            {
                byte[] payload = new byte[bytes];
                payload[0] = 0x59; // CBOR: a byte string of a length in 16 bits
                BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(1), (ushort)(bytes - 3));
                BinaryPrimitives.WriteInt32BigEndian(payload.AsSpan(3), i);
                _outbox.Add(new OutgoingRecord(i, TelemetryStream.Event, payload));
            }
        }
        Link.Wake();
    }

    /// <summary>The numbers of the event records that the broker was given, in their order, repetitions included.</summary>
    public IReadOnlyList<int> Arrived() => [.. Broker!.Received.Where(published => published.Topic == Topics.Telemetry(Node, TelemetryStream.Event))
        .SelectMany(published => TelemetrySequence.Split(published.Payload)).Select(record => Number(record.Span))];

    /// <summary>The number of a record.</summary>
    public static int Number(ReadOnlySpan<byte> record) => BinaryPrimitives.ReadInt32BigEndian(record[3..]);

    /// <summary>Lets the world's time pass, a second a look, until it is so.</summary>
    public async Task Until(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"expected {what} within 60 s; heard {string.Join("; ", Heard)}");
            Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }
    }

    public IReadOnlyList<OutgoingRecord> Peek(int max)
    {
        OnPeek();
        lock (_lock)
            return [.. _outbox.Take(max)];
    }

    public void Acknowledge(IReadOnlyList<OutgoingRecord> records)
    {
        lock (_lock)
        {
            foreach (OutgoingRecord record in records)
            {
                Acknowledged.Add(record.Id);
                _outbox.RemoveAll(waiting => waiting.Id == record.Id);
            }
        }
    }

    public void ContactGained() => Heard.Enqueue("gained");

    public void ContactLost(string reason) => Heard.Enqueue($"lost: {reason}");

    public void TelecommandReceived(ReadOnlyMemory<byte> signed) => Telecommands.Enqueue(signed.ToArray());

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Link.DisposeAsync();
        await Radio.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        _certificate.Dispose();
        _stop.Dispose();
    }
}
