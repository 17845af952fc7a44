using System.ComponentModel;
using System.Globalization;
using SatNode.Rig.World;

namespace SatNode.Rig.Boards.Drivers;

/// <summary>CPU time of an agent and of the workers that it started: what an isolated function computes heats the board too. Not thread-safe.</summary>
/// <remarks>Each process is read by the kernel's own clock; who they are is looked up every <see cref="ListPeriod"/>, so a worker that lives shorter may not be seen, and what one computes
/// after its last reading is not counted.</remarks>
internal sealed class AgentCpu
{
    /// <summary>Machine time from list to list: workers are kept warm for seconds, and a list looks at every process of the machine.</summary>
    internal static readonly TimeSpan ListPeriod = TimeSpan.FromMilliseconds(500);

    /// <summary>Workers counted at a time: four times what an agent may have.</summary>
    internal const int WorkersMax = 32;

    private readonly int _processId;
    private readonly TimeProvider _machine;
    private readonly ProcessCpuClock? _agent;
    private readonly Dictionary<int, Worker> _workers = [];
    private TimeSpan _agentLast;
    private TimeSpan _ended;
    private long? _listed;

    /// <summary>Opens the clock of an agent that may have ended already.</summary>
    internal AgentCpu(int processId, TimeProvider machine)
    {
        _processId = processId;
        _machine = machine;
        _agent = Open(processId);
    }

    /// <summary>All CPU time since the start; never falls, and stays when all have ended.</summary>
    internal TimeSpan Read()
    {
        if (_agent?.Read() is { } now && now > _agentLast)
            _agentLast = now;
        if (_listed is not { } listed || _machine.GetElapsedTime(listed) >= ListPeriod)
        {
            _listed = _machine.GetTimestamp();
            List();
        }
        TimeSpan workers = TimeSpan.Zero;
        foreach (Worker worker in _workers.Values)
            workers += worker.Read();
        return _agentLast + _ended + workers;
    }

    private static ProcessCpuClock? Open(int processId)
    {
        try
        {
            return new(processId);
        }
        catch (Win32Exception)
        {
            return null; // it has ended already
        }
    }

    private void List()
    {
        HashSet<int> alive = [];
        foreach (string folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && ParentOf(folder) == _processId && alive.Count < WorkersMax)
                alive.Add(id);
        }
        foreach (int id in _workers.Keys.Except(alive).ToArray())
        {
            _ended += _workers[id].Read();
            _workers.Remove(id);
        }
        foreach (int id in alive)
        {
            if (!_workers.ContainsKey(id) && Open(id) is { } clock)
                _workers.Add(id, new(clock));
        }
    }

    /// <summary>The parent of a process by its folder, or null when it has ended. Source: proc(5), stat: the name in parentheses, the state, the parent.</summary>
    private static int? ParentOf(string folder)
    {
        try
        {
            string stat = File.ReadAllText(Path.Combine(folder, "stat"));
            string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
            return int.Parse(fields[1].Split(' ')[0], CultureInfo.InvariantCulture);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Worker(ProcessCpuClock clock)
    {
        private TimeSpan _last;

        /// <summary>Its CPU time; the last one seen once it has ended.</summary>
        internal TimeSpan Read() => clock.Read() is { } now && now > _last ? _last = now : _last;
    }
}
