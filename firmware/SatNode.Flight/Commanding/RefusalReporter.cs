using SatNode.Flight.Telemetry;
using SatNode.Protocol.Dictionary;

namespace SatNode.Flight.Commanding;

/// <summary>Raises <c>command.refused</c>, at most <see cref="Burst"/> in <see cref="Window"/>, each with the count of all, so that a flood of forged
/// commands fills no disk and no downlink, and is still seen in full number.</summary>
internal sealed class RefusalReporter(IEventSink events, TimeProvider time)
{
    /// <summary>Events in one window.</summary>
    public const int Burst = 10;

    /// <summary>The window, in the world's time.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private DateTimeOffset _windowStart;
    private int _inWindow;

    /// <summary>All refusals since the start.</summary>
    public long Total { get; private set; }

    public void Report(CommandRefusal refusal, string detail)
    {
        long total;
        lock (_gate)
        {
            total = ++Total;
            DateTimeOffset now = time.GetUtcNow();
            if (now - _windowStart >= Window || now < _windowStart)
            {
                _windowStart = now;
                _inWindow = 0;
            }
            if (_inWindow >= Burst)
                return;
            _inWindow++;
        }
        events.Raise(Events.CommandRefused, Name(refusal), detail, total);
    }

    private static string Name(CommandRefusal refusal) => refusal switch
    {
        CommandRefusal.Malformed => "malformed",
        CommandRefusal.UnknownKey => "unknown-key",
        CommandRefusal.BadSignature => "bad-signature",
        CommandRefusal.WrongNode => "wrong-node",
        CommandRefusal.DictionaryMismatch => "dictionary-mismatch",
        CommandRefusal.NotYetValid => "not-yet-valid",
        CommandRefusal.Expired => "expired",
        CommandRefusal.Replayed => "replayed",
        CommandRefusal.Duplicate => "duplicate",
        CommandRefusal.NotRecorded => "not-recorded",
        CommandRefusal.UnknownCommand => "unknown-command",
        CommandRefusal.InvalidArgument => "invalid-argument",
        CommandRefusal.QueueFull => "queue-full",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "expected a refusal"),
    };
}
