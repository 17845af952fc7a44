using System.Globalization;

namespace SatNode.Orbit.Elements;

/// <summary>One line of an element set and the reading of its columns; columns count from 1 as in the format's description.</summary>
internal readonly ref struct TleLine
{
    private const int LengthMax = 69;
    private const int LengthWithoutChecksum = 68;

    private readonly ReadOnlySpan<char> _text;
    private readonly int _number;

    /// <summary>Checks length, characters, line number and checksum.</summary>
    /// <param name="text">The line, blanks at its end allowed.</param>
    /// <param name="number">Its number in the file.</param>
    /// <param name="kind">'1' or '2'.</param>
    /// <param name="checksum">What to do with the checksum.</param>
    internal TleLine(ReadOnlySpan<char> text, int number, char kind, TleChecksum checksum)
    {
        _text = text.TrimEnd();
        _number = number;
        int lengthMin = checksum == TleChecksum.Required ? LengthMax : LengthWithoutChecksum;
        if (_text.Length < lengthMin || _text.Length > LengthMax)
            throw new TleFormatException(number, _text.Length + 1, $"a line of {LengthMax} characters", $"{_text.Length}");
        int foreign = _text.IndexOfAnyExceptInRange(' ', '~');
        if (foreign >= 0)
            throw new TleFormatException(number, foreign + 1, "a printable ASCII character", $"U+{(int)_text[foreign]:X4}");
        if (_text[0] != kind)
            throw Fault(1, 1, $"'{kind}'");
        if (checksum == TleChecksum.Ignored || (checksum == TleChecksum.RightOrAbsent && _text.Length == LengthWithoutChecksum))
            return;
        int sum = TleFormatter.Checksum(_text[..LengthWithoutChecksum]);
        if (_text[LengthWithoutChecksum] - '0' != sum)
            throw Fault(LengthMax, LengthMax, $"the checksum {sum}");
    }

    internal char this[int column] => _text[column - 1];

    internal ReadOnlySpan<char> Columns(int first, int last) => _text[(first - 1)..last];

    internal TleFormatException Fault(int first, int last, string expected) => new(_number, first, expected, $"'{Columns(first, last)}'");

    internal void Blank(int column)
    {
        if (this[column] != ' ')
            throw Fault(column, column, "a blank");
    }

    internal int CatalogNumber(int first, int last) =>
        Elements.CatalogNumber.TryParse(Columns(first, last), out int number) ? number : throw Fault(first, last, "a catalogue number of digits or alpha-5");

    /// <summary>A whole number; blanks are 0.</summary>
    internal int Integer(int first, int last, string what)
    {
        ReadOnlySpan<char> text = Columns(first, last).Trim(' ');
        if (text.IsEmpty)
            return 0;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : throw Fault(first, last, what);
    }

    /// <summary>A decimal number with a written point.</summary>
    internal double Decimal(int first, int last, double min, double max, string what, NumberStyles sign = NumberStyles.None)
    {
        ReadOnlySpan<char> text = Columns(first, last).Trim(' ');
        return double.TryParse(text, NumberStyles.AllowDecimalPoint | sign, CultureInfo.InvariantCulture, out double value)
            && value >= min && value <= max
            ? value
            : throw Fault(first, last, $"{what} {min} to {max}");
    }

    /// <summary>Digits after a point that is not written; blanks are zeros.</summary>
    internal double Fraction(int first, int last, string what)
    {
        double value = 0.0;
        double place = 0.0;
        foreach (char c in Columns(first, last))
        {
            if (c != ' ' && !char.IsAsciiDigit(c))
                throw Fault(first, last, what);
            value = (value * 10.0) + (c == ' ' ? 0 : c - '0');
            place++;
        }

        return value / Math.Pow(10.0, place);
    }

    /// <summary>Sign, five digits after a point that is not written, exponent: " 28098-4" is 0.28098e-4; all blank is 0.</summary>
    internal double Exponential(int first, int last, string what)
    {
        ReadOnlySpan<char> text = Columns(first, last);
        if (text.Trim(' ').IsEmpty)
            return 0.0;
        char sign = text[0];
        ReadOnlySpan<char> mantissa = text[1..6].Trim(' ');
        bool wellFormed = sign is ' ' or '+' or '-' or '0'
            && !mantissa.IsEmpty && !mantissa.ContainsAnyExceptInRange('0', '9')
            && text[6] is '+' or '-' or ' ' or '0' && char.IsAsciiDigit(text[7]);
        if (!wellFormed)
            throw Fault(first, last, what);
        int digits = int.Parse(mantissa, NumberStyles.None, CultureInfo.InvariantCulture);
        int exponent = text[7] - '0';
        // One correctly rounded division or product, so that reading gives the double nearest to what is written.
        double value = text[6] == '-' ? digits / Math.Pow(10.0, 5 + exponent) : digits * Math.Pow(10.0, exponent) / 1e5;
        return sign == '-' ? -value : value;
    }
}
