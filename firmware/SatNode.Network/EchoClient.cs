using System.Buffers.Binary;
using System.Collections.Concurrent;
using SatNode.Protocol.Bundles;

namespace SatNode.Network;

/// <summary>The echo service and those who wait for its answers: a payload from another node's service 3 that begins with an answer's mark and a number
/// waited for is an answer, everything else is sent back.</summary>
internal sealed class EchoClient(DtnNode node, TimeProvider time)
{
    private const int MaxWaiting = 256;
    private const int MaxPayload = 64 * 1024;
    private const byte Request = 1;
    private const byte Answer = 2;

    private static readonly TimeSpan AnswerLifetime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _waiting = new();
    private ulong _next;

    public async Task<TimeSpan?> Ping(ulong peer, TimeSpan timeout, CancellationToken cancellation)
    {
        if (_waiting.Count >= MaxWaiting)
            return null;
        ulong number = Interlocked.Increment(ref _next);
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[number] = answered;
        try
        {
            var payload = new byte[9];
            payload[0] = Request;
            BinaryPrimitives.WriteUInt64BigEndian(payload.AsSpan(1), number);
            long start = time.GetTimestamp();
            SendResult sent = await node.Send(EndpointId.Ipn(peer, DtnNode.EchoService), payload, timeout, DtnNode.EchoService, durable: false);
            if (sent.Status != SendStatus.Accepted)
                return null;
            await answered.Task.WaitAsync(timeout, time, cancellation);
            return time.GetElapsedTime(start);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _waiting.TryRemove(number, out _);
        }
    }

    public async Task Handle(DeliveredBundle bundle, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> payload = bundle.Payload;
        if (payload.Length == 9 && payload.Span[0] == Answer)
        {
            if (_waiting.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(payload.Span[1..]), out TaskCompletionSource? answered))
                answered.TrySetResult();
            return;
        }
        if (payload.Length > MaxPayload || bundle.Source.Scheme != EndpointScheme.Ipn || bundle.Source.IsNull)
            return;
        byte[] answer = payload.ToArray();
        if (answer.Length == 9 && answer[0] == Request)
            answer[0] = Answer; // an answer is never answered: two nodes can't play ball
        else if (bundle.Source.Service == DtnNode.EchoService)
            return;
        await node.Send(bundle.Source, answer, AnswerLifetime, DtnNode.EchoService, durable: false);
    }
}
