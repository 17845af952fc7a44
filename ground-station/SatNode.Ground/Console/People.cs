using System.Globalization;
using SatNode.Ground.Api;
using SatNode.Protocol.Dictionary;

namespace SatNode.Ground.Console;

/// <summary>Values, times and spans as people write them. The wire's units end here.</summary>
internal static class People
{
    private const double CelsiusZeroKelvin = 273.15;
    private const string ModeParameter = "agent.mode";
    private const string ReasonParameter = "agent.mode-reason";

    /// <summary>The unit that people see for a unit of the dictionary.</summary>
    public static string Unit(string unit) => unit switch
    {
        "kelvin" => "°C",
        "ratio" => "%",
        "volts" => "V",
        "amperes" => "A",
        "watts" => "W",
        "joules" => "J",
        "seconds" => "s",
        "bytes" => "MB",
        "degrees" => "°",
        "metres" => "km",
        _ => "",
    };

    /// <summary>A value in the unit that people see, without the unit.</summary>
    public static string Value(string parameter, double value, string unit) => parameter switch
    {
        ModeParameter => OperatingModes.Name(value),
        ReasonParameter => value == 0 ? "none" : OperatingModes.ReasonNames(value),
        _ => Number(value, unit),
    };

    /// <summary>A value with its unit, yellow outside the nominal range, red outside the hard one.</summary>
    public static Cell WithUnit(ParameterView parameter, double value) =>
        new($"{Value(parameter.Name, value, parameter.Unit)} {Unit(parameter.Unit)}".TrimEnd(), Style(parameter, value));

    /// <summary>Yellow outside the nominal range, red outside the hard one, by the dictionary; so for what is not a number where there is one.</summary>
    public static string Style(ParameterView parameter, double value) => !new ParameterRange(parameter.HardLow, parameter.HardHigh).Contains(value) ? "red"
        : !new ParameterRange(parameter.Low, parameter.High).Contains(value) ? "yellow" : "";

    /// <summary>The nominal range in the unit that people see.</summary>
    public static string Nominal(ParameterView parameter) => (parameter.Low, parameter.High) switch
    {
        ({ } low, { } high) => $"{Trimmed(low, parameter.Unit)} to {Trimmed(high, parameter.Unit)}",
        ({ } low, null) => $"from {Trimmed(low, parameter.Unit)}",
        (null, { } high) => $"to {Trimmed(high, parameter.Unit)}",
        _ => "",
    };

    /// <summary>A time of the API (ISO 8601) as people read it, to the second; "never" for null.</summary>
    public static string Time(string? time) => time is null ? "never" : Parse(time).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>A time of the API.</summary>
    public static DateTimeOffset Parse(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>A span in its two largest units: <c>43 s</c>, <c>12 min 5 s</c>, <c>3 h 20 min</c>, <c>2 d 4 h</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 0 } => "0 s",
        { TotalSeconds: < 60 } => $"{(int)span.TotalSeconds} s",
        { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} min{(span.Seconds > 0 ? $" {span.Seconds} s" : "")}",
        { TotalHours: < 24 } => $"{(int)span.TotalHours} h{(span.Minutes > 0 ? $" {span.Minutes} min" : "")}",
        _ => $"{(int)span.TotalDays} d{(span.Hours > 0 ? $" {span.Hours} h" : "")}",
    };

    /// <summary>A digest that people can tell from others.</summary>
    public static string Digest(string digest)
    {
        const int shown = 12;
        int begin = digest.IndexOf(':', StringComparison.Ordinal) + 1;
        return digest.Length > begin + shown ? digest[..(begin + shown)] : digest;
    }

    private static string Number(double value, string unit) => unit switch
    {
        "kelvin" => Fixed(value - CelsiusZeroKelvin, "0.0"),
        "ratio" => Fixed(value * 100, "0.0"),
        "volts" or "amperes" or "watts" or "degrees" => Fixed(value, "0.00"),
        "joules" => Fixed(value, "0.0"),
        "seconds" => Fixed(value, Math.Abs(value) < 1 ? "0.0##" : "0.0"), // a run of the loop takes milliseconds
        "bytes" => Fixed(value / 1e6, "0.0"),
        "metres" => Fixed(value / 1000, "0.0"),
        _ => Fixed(value, "0.###"),
    };

    private static string Trimmed(double value, string unit)
    {
        string number = Number(value, unit);
        return number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number;
    }

    private static string Fixed(double value, string format)
    {
        string text = value.ToString(format, CultureInfo.InvariantCulture);
        return text.StartsWith('-') && text.All(c => c is '-' or '0' or '.') ? text[1..] : text; // no "-0.0"
    }
}
