using System.Runtime.Intrinsics;
using SatNode.Orbit.Geometry;

namespace SatNode.Orbit.Propagation;

/// <summary>Many satellites at one instant, four near-Earth ones at a time in vector registers.</summary>
/// <remarks>States agree with <see cref="Sgp4.Propagate(DateTimeOffset, out TemeState)"/> to 1e-6 km within a week of the epoch; a satellite the vectors
/// cannot carry (deep space, an error, a Kepler equation that does not converge) goes through that very method. Calls allocate nothing and may come
/// from any thread; a large constellation is split over threads by slices.</remarks>
public sealed class Sgp4Batch
{
    /// <summary>The most satellites of a batch: three times all catalogued objects of 2024.</summary>
    public const int SatellitesMax = 200_000;

    private readonly Sgp4[] _satellites;
    private readonly int[] _members; // four indices a block, −1 where the last block is not full
    private readonly NearEarthBlock[] _blocks;
    private readonly int[] _singles;
    private readonly DateTimeOffset _origin;

    /// <summary>Arranges satellites for batches; their order is that of the results.</summary>
    public Sgp4Batch(IReadOnlyList<Sgp4> satellites)
    {
        ArgumentNullException.ThrowIfNull(satellites);
        _ = Bounds.Check(satellites.Count, 0, SatellitesMax);
        _satellites = [.. satellites];
        _origin = _satellites.Length > 0 ? _satellites[0].Elements.Epoch : default;
        int[] near = [.. Enumerable.Range(0, _satellites.Length).Where(i => !_satellites[i].IsDeepSpace)];
        _singles = [.. Enumerable.Range(0, _satellites.Length).Where(i => _satellites[i].IsDeepSpace)];
        _blocks = new NearEarthBlock[(near.Length + 3) / 4];
        _members = new int[_blocks.Length * 4];
        Array.Fill(_members, -1);
        near.CopyTo(_members, 0);
        for (int i = 0; i < _blocks.Length; i++)
        {
            var four = new Sgp4[4];
            for (int lane = 0; lane < 4; lane++)
                four[lane] = _satellites[Math.Max(_members[(4 * i) + lane], near[4 * i])]; // an empty lane repeats the first
            _blocks[i] = new(four, _origin);
        }
    }

    /// <summary>Number of satellites.</summary>
    public int Count => _satellites.Length;

    /// <summary>The states of all satellites at an instant (UTC); zero where there is none.</summary>
    /// <param name="utc">The instant.</param>
    /// <param name="states">Room for <see cref="Count"/> states, in the order of the satellites.</param>
    /// <param name="errors">Room for <see cref="Count"/> reasons, <see cref="PropagationError.None"/> where there is a state.</param>
    /// <returns>The number of satellites without a state.</returns>
    /// <exception cref="ArgumentException">A span is too short.</exception>
    public int Propagate(DateTimeOffset utc, Span<TemeState> states, Span<PropagationError> errors)
    {
        if (states.Length < Count || errors.Length < Count)
            throw new ArgumentException($"expected room for {Count} satellites, found {states.Length} states and {errors.Length} errors", nameof(states));

        int missing = 0;
        double minutes = (utc - _origin).TotalMinutes;
        for (int i = 0; i < _blocks.Length; i++)
        {
            uint whole = _blocks[i].Propagate(minutes, out StateBlock block).ExtractMostSignificantBits();
            for (int lane = 0; lane < 4; lane++)
            {
                int member = _members[(4 * i) + lane];
                if (member < 0)
                    break;
                if ((whole & (1u << lane)) != 0)
                {
                    states[member] = block.Lane(lane);
                    errors[member] = PropagationError.None;
                }
                else
                {
                    missing += Single(member, utc, states, errors);
                }
            }
        }

        foreach (int single in _singles)
            missing += Single(single, utc, states, errors);
        return missing;
    }

    /// <summary>The states of all satellites at an instant (UTC), component by component; NaN where there is none.</summary>
    /// <param name="utc">The instant.</param>
    /// <param name="into">Room for exactly <see cref="Count"/> satellites, in their order.</param>
    /// <returns>The number of satellites without a state.</returns>
    /// <exception cref="ArgumentException">The room is for another number.</exception>
    public int Propagate(DateTimeOffset utc, ConstellationStates into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (into.Count != Count)
            throw new ArgumentException($"expected room for {Count} satellites, found {into.Count}", nameof(into));
        int missing = 0;
        double minutes = (utc - _origin).TotalMinutes;
        for (int i = 0; i < _blocks.Length; i++)
        {
            uint whole = _blocks[i].Propagate(minutes, out StateBlock block).ExtractMostSignificantBits();
            ReadOnlySpan<int> members = _members.AsSpan(4 * i, 4);
            if (whole == 0b1111 && members[3] == members[0] + 3) // four neighbours, as in most catalogues
            {
                into.Store(members[0], ref block);
                continue;
            }

            for (int lane = 0; lane < 4 && members[lane] >= 0; lane++)
            {
                if ((whole & (1u << lane)) != 0)
                    into.Set(members[lane], block.Lane(lane));
                else
                    missing += Single(members[lane], utc, into);
            }
        }

        foreach (int single in _singles)
            missing += Single(single, utc, into);
        return missing;
    }

    private int Single(int member, DateTimeOffset utc, ConstellationStates into)
    {
        if (_satellites[member].Propagate(utc, out TemeState state) == PropagationError.None)
        {
            into.Set(member, state);
            return 0;
        }

        into.Clear(member);
        return 1;
    }

    private int Single(int member, DateTimeOffset utc, Span<TemeState> states, Span<PropagationError> errors)
    {
        errors[member] = _satellites[member].Propagate(utc, out states[member]);
        return errors[member] == PropagationError.None ? 0 : 1;
    }
}
