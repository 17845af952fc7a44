using SatNode.Protocol.Telecommands;
using SatNode.Protocol.Telemetry;

namespace SatNode.Flight.Commanding;

/// <summary>How a command's execution ended, or that it goes on. The default is a failure.</summary>
public readonly record struct CommandResult
{
    private readonly bool _isKnown;
    private readonly FailureReason _reason;
    private readonly string? _detail;

    private CommandResult(FailureReason reason, string detail, bool isOngoing)
    {
        _isKnown = true;
        _reason = reason;
        _detail = detail;
        IsOngoing = isOngoing;
    }

    /// <summary>Why it failed, or <see cref="FailureReason.None"/>.</summary>
    public FailureReason Reason => _isKnown ? _reason : FailureReason.ExecutionFailed;

    /// <summary>Words for people; may be empty.</summary>
    public string Detail => _detail ?? "";

    /// <summary>True when the handler has only begun it: <see cref="TelecommandReceiver.Complete"/> is called when it ended.</summary>
    public bool IsOngoing { get; }

    /// <summary>It is done.</summary>
    public static CommandResult Succeeded(string detail = "") => new(FailureReason.None, detail, isOngoing: false);

    /// <summary>It failed.</summary>
    /// <exception cref="ArgumentException">The reason is none.</exception>
    public static CommandResult Failed(FailureReason reason, string detail) => reason != FailureReason.None
        ? new(reason, detail, isOngoing: false) : throw new ArgumentException("expected a reason, found none", nameof(reason));

    /// <summary>It goes on; the next command does not wait for it.</summary>
    public static CommandResult Ongoing(string detail = "") => new(FailureReason.None, detail, isOngoing: true);
}

/// <summary>Executes one kind of telecommand; its arguments are of the dictionary's types and within its ranges.</summary>
/// <param name="command">The command.</param>
/// <param name="cancellationToken">Cancelled when the agent ends.</param>
public delegate ValueTask<CommandResult> CommandHandler(Telecommand command, CancellationToken cancellationToken);
