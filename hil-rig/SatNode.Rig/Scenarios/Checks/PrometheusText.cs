using System.Globalization;
using System.Text;

namespace SatNode.Rig.Scenarios.Checks;

/// <summary>One sample of the Prometheus text format.</summary>
public sealed record PrometheusSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>Reads the Prometheus text format, version 0.0.4, strictly. Source: prometheus.io, "Exposition formats".</summary>
public static class PrometheusText
{
    /// <summary>Reads every sample.</summary>
    /// <exception cref="FormatException">A line is not of the format; with its number.</exception>
    public static IReadOnlyList<PrometheusSample> Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<PrometheusSample> samples = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            samples.Add(new Cursor(line, i + 1).Sample());
        }
        return samples;
    }

    private sealed class Cursor(string line, int number)
    {
        private int _at;

        public PrometheusSample Sample()
        {
            string name = Name(colons: true);
            Dictionary<string, string> labels = new(StringComparer.Ordinal);
            if (Skip('{'))
            {
                while (!Skip('}'))
                {
                    string label = Name(colons: false);
                    Expect('=');
                    if (!labels.TryAdd(label, Quoted()))
                        throw Fault($"label '{label}' stands twice");
                    if (!Skip(','))
                    {
                        Expect('}');
                        break;
                    }
                }
            }
            string[] rest = line[_at..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (rest.Length is not (1 or 2))
                throw Fault($"expected a value and at most a time, found '{line[_at..].Trim()}'");
            if (rest.Length == 2 && !long.TryParse(rest[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
                throw Fault($"expected a time in ms, found '{rest[1]}'");
            return new(name, labels, Value(rest[0]));
        }

        private double Value(string text) => text switch
        {
            "+Inf" or "Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : throw Fault($"expected a value, found '{text}'"),
        };

        private string Name(bool colons)
        {
            SkipSpaces();
            int start = _at;
            while (_at < line.Length && (char.IsAsciiLetter(line[_at]) || line[_at] == '_' || (colons && line[_at] == ':') || (_at > start && char.IsAsciiDigit(line[_at]))))
                _at++;
            return _at > start ? line[start.._at] : throw Fault("expected a name");
        }

        private string Quoted()
        {
            Expect('"');
            var text = new StringBuilder();
            for (; _at < line.Length; _at++)
            {
                char c = line[_at];
                if (c == '"')
                {
                    _at++;
                    return text.ToString();
                }
                if (c != '\\')
                {
                    text.Append(c);
                    continue;
                }
                _at++;
                text.Append(_at < line.Length ? line[_at] switch { 'n' => '\n', '\\' => '\\', '"' => '"', _ => throw Fault("expected an escape of \\, \" or n") } : throw Fault("the label's value does not end"));
            }
            throw Fault("the label's value does not end");
        }

        private bool Skip(char c)
        {
            SkipSpaces();
            if (_at >= line.Length || line[_at] != c)
                return false;
            _at++;
            return true;
        }

        private void Expect(char c)
        {
            if (!Skip(c))
                throw Fault($"expected '{c}'");
        }

        private void SkipSpaces()
        {
            while (_at < line.Length && line[_at] is ' ' or '\t')
                _at++;
        }

        private FormatException Fault(string text) => new($"line {number}, column {_at + 1}: {text}");
    }
}
