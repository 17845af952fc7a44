namespace SatNode.Orbit.Contacts;

/// <summary>A continuous function of time that is positive while something holds; NaN counts as not holding.</summary>
internal interface ISignal
{
    /// <summary>The value at a time in seconds from the signal's origin.</summary>
    double At(double seconds);
}

/// <summary>A time in which a signal is positive, seconds from the signal's origin.</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">The last moment.</param>
/// <param name="OpenStart">The signal was positive when the search began.</param>
/// <param name="OpenEnd">The signal was positive when the search ended.</param>
internal readonly record struct Interval(double Start, double End, bool OpenStart, bool OpenEnd);
