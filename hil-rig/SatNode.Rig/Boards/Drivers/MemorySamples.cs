using System.Globalization;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>The last samples of a process' resident memory.</summary>
internal sealed class MemorySamples
{
    /// <summary>Samples kept: an hour at one a second.</summary>
    internal const int SamplesMax = 3600;

    private readonly Lock _lock = new();
    private readonly List<long> _samples = [];
    private int _next;
    private long _max;

    internal long? Median
    {
        get
        {
            lock (_lock)
            {
                if (_samples.Count == 0)
                    return null;
                long[] sorted = [.. _samples];
                Array.Sort(sorted);
                int middle = sorted.Length / 2;
                return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
            }
        }
    }

    internal long? Max
    {
        get
        {
            lock (_lock)
                return _samples.Count == 0 ? null : _max;
        }
    }

    internal void Add(long bytes)
    {
        lock (_lock)
        {
            _max = Math.Max(_max, bytes);
            if (_samples.Count < SamplesMax)
                _samples.Add(bytes);
            else
                _samples[_next] = bytes;
            _next = (_next + 1) % SamplesMax;
        }
    }

    /// <summary>Resident bytes of a process now, or null when it has ended. Source: proc(5), VmRSS.</summary>
    internal static long? Read(int processId)
    {
        try
        {
            foreach (string line in File.ReadLines($"/proc/{processId}/status"))
            {
                if (line.StartsWith("VmRSS:", StringComparison.Ordinal))
                    return long.Parse(line.AsSpan(6, line.Length - 6 - 2).Trim(), NumberStyles.None, CultureInfo.InvariantCulture) * 1024; // "  1234 kB"
            }
        }
        catch (IOException)
        {
            // The process ended meanwhile.
        }
        return null;
    }
}
