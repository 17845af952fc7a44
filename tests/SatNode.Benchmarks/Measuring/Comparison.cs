namespace SatNode.Benchmarks.Measuring;

/// <summary>What a subject stands for.</summary>
internal enum Role
{
    /// <summary>Ours, and what the others are compared with: the first one of a comparison.</summary>
    Product,

    /// <summary>What the machine allows when nothing but the unavoidable is done.</summary>
    Limit,

    /// <summary>What people use for this today.</summary>
    Today,
}

/// <summary>How a figure is shown.</summary>
internal enum Display
{
    /// <summary>Time an operation.</summary>
    Time,

    /// <summary>Operations a second.</summary>
    Rate,

    /// <summary>Bits a second.</summary>
    BitRate,
}

/// <summary>One way to do a thing.</summary>
/// <param name="Role">What it stands for.</param>
/// <param name="Name">Its name in the table.</param>
/// <param name="Run">Does the thing so many times, and throws when it was not done.</param>
/// <param name="Threads">True when other threads work and allocate for it.</param>
/// <param name="OperationsPerRun">Things done by one call of the loop's body, for those that can only be done many at a time.</param>
internal sealed record Subject(Role Role, string Name, Action<int> Run, bool Threads, int OperationsPerRun);

/// <summary>Several ways to do the same thing, measured in turns. Owns what they work with.</summary>
internal sealed class Comparison(string name, string title, Display display = Display.Time, int bytesPerOperation = 0) : IDisposable
{
    private readonly List<Subject> _subjects = [];
    private readonly Stack<Action> _owned = new();

    public string Name => name;

    public string Title => title;

    public Display Display => display;

    public int BytesPerOperation => bytesPerOperation;

    public IReadOnlyList<Subject> Subjects => _subjects;

    /// <summary>What a reader must know beside the figures: sizes, published figures.</summary>
    public List<string> Notes { get; } = [];

    public Comparison Add(Role role, string subject, Action<int> run, bool threads = false, int operationsPerRun = 1)
    {
        _subjects.Add(new(role, subject, run, threads, operationsPerRun));
        return this;
    }

    public T Own<T>(T part) where T : IDisposable
    {
        _owned.Push(part.Dispose);
        return part;
    }

    public T OwnAsync<T>(T part) where T : IAsyncDisposable
    {
        _owned.Push(() => part.DisposeAsync().AsTask().GetAwaiter().GetResult());
        return part;
    }

    public void Dispose()
    {
        while (_owned.TryPop(out Action? release))
            release();
    }
}
