using System.Runtime.CompilerServices;
using SatNode.Protocol.Time;

namespace SatNode.Flight.Admission;

/// <summary>The judgement of a request, with the numbers that led to it. The default refuses.</summary>
public readonly record struct Verdict
{
    /// <summary>The most constraints.</summary>
    public const int MaxMargins = 8;

    private readonly Margins _margins;
    private readonly int _binding;

    internal Verdict(Decision decision, DtnTime start, Margins margins, int count, int binding)
    {
        Decision = decision;
        Start = start;
        _margins = margins;
        Count = count;
        _binding = binding;
    }

    /// <summary>Admit, defer or refuse.</summary>
    public Decision Decision { get; }

    /// <summary>When it may start: now when admitted, later when deferred; meaningless when refused.</summary>
    public DtnTime Start { get; }

    /// <summary>Margins that were judged: all when admitted; up to the first that is not kept by a start now otherwise.</summary>
    public int Count { get; }

    /// <summary>A margin, of a start now.</summary>
    public Margin this[int index] => index >= 0 && index < Count ? _margins[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>The margin that forbids a start now; the default when admitted.</summary>
    public Margin Binding => _binding >= 0 && _binding < Count ? _margins[_binding] : default;

    /// <summary>The predicted value of a quantity's first margin; NaN when none was judged.</summary>
    public double Predicted(Quantity quantity)
    {
        for (int i = 0; i < Count; i++)
        {
            if (_margins[i].Quantity == quantity)
                return _margins[i].Predicted;
        }
        return double.NaN;
    }

    /// <summary>Margins in place.</summary>
    [InlineArray(MaxMargins)]
    internal struct Margins
    {
        private Margin _first;
    }
}
