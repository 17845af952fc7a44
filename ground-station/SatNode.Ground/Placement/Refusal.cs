using System.Globalization;

namespace SatNode.Ground.Placement;

/// <summary>Which rule a satellite breaks. The default refuses.</summary>
internal enum RefusalReason
{
    /// <summary>Nobody said anything.</summary>
    Unknown = 0,

    /// <summary>The function may not be placed on it.</summary>
    NotSelected,

    /// <summary>It is not configured at this station.</summary>
    NotConfigured,

    /// <summary>It has as many functions as it can have.</summary>
    NoFunctionSlot,

    /// <summary>The function's memory does not fit.</summary>
    NoMemory,

    /// <summary>It is in safe mode.</summary>
    SafeMode,

    /// <summary>Its board is, or will be, too hot.</summary>
    TooHot,

    /// <summary>Its battery has, or will have, too little charge.</summary>
    LowCharge,

    /// <summary>What must be known of it is too old.</summary>
    TelemetryOld,

    /// <summary>What must be known of it was never measured.</summary>
    TelemetryMissing,

    /// <summary>It is out of contact and no pass comes soon.</summary>
    NoContact,

    /// <summary>A command failed there a short time ago.</summary>
    FailedBefore,

    /// <summary>The same failed on several others a short time ago.</summary>
    FailedElsewhere,

    /// <summary>The function is just being taken off it.</summary>
    BeingRemoved,

    /// <summary>Telecommands do not reach it now.</summary>
    OutOfContact,

    /// <summary>As many commands wait for it as may.</summary>
    QueueFull,
}

/// <summary>Why a satellite is refused, with the numbers.</summary>
/// <param name="Reason">The rule.</param>
/// <param name="Found">What was found, in the rule's unit.</param>
/// <param name="Limit">What the rule allows, in the same unit.</param>
/// <param name="Detail">What the numbers cannot say.</param>
internal readonly record struct Refusal(RefusalReason Reason, double Found = double.NaN, double Limit = double.NaN, string Detail = "")
{
    /// <summary>The rule's short name, for counting.</summary>
    public string Title => Reason switch
    {
        RefusalReason.NotSelected => "not among spec.placement.satellites",
        RefusalReason.NotConfigured => "not a satellite of this station",
        RefusalReason.NoFunctionSlot => "no free function slot",
        RefusalReason.NoMemory => "not enough memory",
        RefusalReason.SafeMode => "in safe mode",
        RefusalReason.TooHot => "too hot",
        RefusalReason.LowCharge => "low charge",
        RefusalReason.TelemetryOld => "telemetry too old",
        RefusalReason.TelemetryMissing => "telemetry missing",
        RefusalReason.NoContact => "no contact and no pass soon",
        RefusalReason.FailedBefore => "failed before",
        RefusalReason.FailedElsewhere => "not tried, as it failed on others",
        RefusalReason.BeingRemoved => "being removed from",
        RefusalReason.OutOfContact => "out of contact",
        RefusalReason.QueueFull => "with a full command queue",
        _ => "not judged",
    };

    /// <summary>The reason in words, with the numbers.</summary>
    public override string ToString() => Reason switch
    {
        RefusalReason.NoFunctionSlot => Text($"{Found:0} functions, at most {Limit:0}"),
        RefusalReason.NoMemory => Text($"{Found / 1048576:0} MiB with the function, at most {Limit / 1048576:0} MiB"),
        RefusalReason.TooHot => Text($"{Found:0.0} °C, at most {Limit:0.0} °C"),
        RefusalReason.LowCharge => Text($"{Found * 100:0} %, at least {Limit * 100:0} %"),
        RefusalReason.TelemetryOld => Text($"{Found:0} s old, at most {Limit:0} s"),
        RefusalReason.NoContact => Text($"no pass within {Limit / 3600:0.#} h"),
        _ => Detail.Length > 0 ? Detail : Title,
    };

    /// <summary>The rule and the numbers.</summary>
    public string InWords()
    {
        string words = ToString();
        return words == Title ? Title : $"{Title}: {words}";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
