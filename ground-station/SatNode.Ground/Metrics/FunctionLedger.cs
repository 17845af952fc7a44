using SatNode.Ground.Archive;
using SatNode.Ground.Configuration;
using SatNode.Protocol.Telemetry;

namespace SatNode.Ground.Metrics;

/// <summary>What functions did and what it cost, from the reports of their invocations. Continues from the archive after a restart. Thread-safe.</summary>
internal sealed class FunctionLedger
{
    /// <summary>Functions that are told apart; further ones are counted as <see cref="Others"/>.</summary>
    public const int FunctionsMax = 256;

    /// <summary>The name of the functions beyond <see cref="FunctionsMax"/>.</summary>
    public const string Others = "others";

    /// <summary>Requests of a function that are kept for the window, the latest.</summary>
    public const int RequestsMax = 20_000;

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly CostOptions _costs;
    private readonly ObjectiveOptions _objectives;
    private readonly SortedDictionary<string, Account> _accounts = new(StringComparer.Ordinal);

    /// <summary>Continues from the archive.</summary>
    public FunctionLedger(ArchiveReader archive, TimeProvider clock, CostOptions costs, ObjectiveOptions objectives)
    {
        (_clock, _costs, _objectives) = (clock, costs, objectives);
        foreach (RecordRow row in archive.Invocations(function: null, workflow: null, run: null, ArchiveReader.RowsMax))
            Add(row.Node, row.Body<InvocationReport>());
    }

    /// <summary>Books a report.</summary>
    public void Add(string node, InvocationReport report)
    {
        lock (_lock)
        {
            string name = _accounts.ContainsKey(report.Function) || _accounts.Count < FunctionsMax ? report.Function : Others;
            if (!_accounts.TryGetValue(name, out Account? account))
                _accounts[name] = account = new();
            account.Add(node, report, _clock.GetUtcNow(), _costs);
        }
    }

    /// <summary>All functions as they stand, by satellite, with the requests that were not visited before; runs under the ledger's lock.</summary>
    public void Visit(Action<string, IReadOnlyDictionary<string, FunctionTotals>, IReadOnlyList<FunctionRequest>> visitor)
    {
        lock (_lock)
        {
            foreach ((string name, Account account) in _accounts)
                visitor(name, account.ByNode, account.TakeUnobserved());
        }
    }

    /// <summary>The composed metrics of all functions with requests in the window.</summary>
    public IReadOnlyList<(string Function, CostEfficiency Metric)> Efficiencies()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        lock (_lock)
        {
            List<(string, CostEfficiency)> efficiencies = [];
            foreach ((string name, Account account) in _accounts)
            {
                if (account.Efficiency(now, _objectives.Window, _objectives.ThresholdOf(name), _costs) is { } metric)
                    efficiencies.Add((name, metric));
            }
            return efficiencies;
        }
    }

    private sealed class Account
    {
        private readonly Dictionary<string, FunctionTotals> _byNode = new(StringComparer.Ordinal);
        private readonly LinkedList<FunctionRequest> _requests = new();
        private readonly List<FunctionRequest> _unobserved = [];
        private (int Year, int Month) _month;
        private double _costInMonth;

        public IReadOnlyDictionary<string, FunctionTotals> ByNode => _byNode;

        public void Add(string node, InvocationReport report, DateTimeOffset now, CostOptions costs)
        {
            if (!_byNode.TryGetValue(node, out FunctionTotals? totals))
                _byNode[node] = totals = new();
            totals.Add(report);
            if (report.Result == InvocationResult.Offloaded)
                return; // the node that runs it makes the report of the request
            DateTimeOffset ended = report.Ended.ToDateTimeOffset();
            var request = new FunctionRequest(ended, report.Ended.Since(report.Queued), report.Result == InvocationResult.Completed, report.CpuTime, report.Energy.Joules);
            Append(_requests, request);
            if (_unobserved.Count < RequestsMax)
                _unobserved.Add(request);
            TurnMonth(now);
            if ((ended.Year, ended.Month) == _month)
                _costInMonth += request.Cost(costs);
        }

        public FunctionRequest[] TakeUnobserved()
        {
            FunctionRequest[] taken = [.. _unobserved];
            _unobserved.Clear();
            return taken;
        }

        public CostEfficiency? Efficiency(DateTimeOffset now, TimeSpan window, TimeSpan threshold, CostOptions costs)
        {
            TurnMonth(now);
            while (_requests.First is { } first && first.Value.Ended <= now - window)
                _requests.RemoveFirst();
            return CostEfficiency.Of(_requests, now, window, threshold, costs, _costInMonth);
        }

        private void TurnMonth(DateTimeOffset now)
        {
            if ((now.Year, now.Month) == _month)
                return;
            _month = (now.Year, now.Month);
            _costInMonth = 0;
        }

        private static void Append(LinkedList<FunctionRequest> requests, FunctionRequest request)
        {
            LinkedListNode<FunctionRequest>? before = requests.Last;
            while (before is not null && before.Value.Ended > request.Ended)
                before = before.Previous;
            if (before is null)
                requests.AddFirst(request);
            else
                requests.AddAfter(before, request);
            if (requests.Count > RequestsMax)
                requests.RemoveFirst();
        }
    }
}

/// <summary>What one function did on one satellite.</summary>
internal sealed class FunctionTotals
{
    private readonly long[] _results = new long[(int)InvocationResult.Offloaded + 1];
    private readonly long[] _starts = new long[(int)InvocationStart.Warm + 1];

    /// <summary>CPU time.</summary>
    public TimeSpan CpuTime { get; private set; }

    /// <summary>Energy in joules.</summary>
    public double Joules { get; private set; }

    /// <summary>Requests that ended after their deadline, or not with an output although they had one.</summary>
    public long DeadlineMisses { get; private set; }

    /// <summary>Bytes of all inputs, of reports that have them.</summary>
    public long InputBytes { get; private set; }

    /// <summary>Bytes of all outputs, of reports that have them.</summary>
    public long OutputBytes { get; private set; }

    /// <summary>Reports with a start.</summary>
    public long StartedFrom(InvocationStart start) => _starts[(int)start];

    /// <summary>Reports with a result.</summary>
    public long this[InvocationResult result] => _results[(int)result];

    /// <summary>Books a report.</summary>
    public void Add(InvocationReport report)
    {
        _results[(int)report.Result]++;
        _starts[(int)report.Start]++;
        InputBytes += report.InputBytes;
        OutputBytes += report.OutputBytes;
        CpuTime += report.CpuTime;
        Joules += Math.Max(0, report.Energy.Joules);
        bool hasDeadline = report.Deadline.Milliseconds > 0 && report.Result != InvocationResult.Offloaded;
        if (hasDeadline && (report.Result != InvocationResult.Completed || report.Ended > report.Deadline))
            DeadlineMisses++;
    }
}
