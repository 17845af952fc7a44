using SatNode.Functions.Hosting;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Runtime;

/// <summary>A function's module in a store of its own. It serves one invocation, or, kept warm, one after the other.</summary>
/// <remarks>The engine boxes what a guest's function returns. An instance that is kept warm is therefore called through a shim, a few instructions of WebAssembly beside it in the
/// store, which hands the result to a host function instead: a warm invocation allocates nothing.</remarks>
internal sealed class FunctionInstance : ICallee, IDisposable
{
    // Longer than any instance is made: the clock's callback needs an invocation.
    private const ulong EpochsAhead = 1_000_000;

    private readonly DeployedFunction _function;
    private readonly FunctionEngine _engine;
    private readonly InvocationContext _context = new();
    private readonly Store _store;
    private Instance? _instance;
    private InstanceMemory? _memory;
    private Function? _alloc;
    private Function? _handle;
    private bool _isShimmed;
    private int _outputPointer;
    private int _outputLength;

    public FunctionInstance(FunctionEngine engine, DeployedFunction function)
    {
        _engine = engine;
        _function = function;
        _store = new(engine.Engine, _context);
        _context.Store = _store;
        Limit(function.Manifest.Limits);
        _store.SetEpochDeadlineCallback(FunctionEngine.OnTick);
    }

    public DeployedFunction Function => _function;

    public InvocationContext Context => _context;

    /// <summary>When it was last used, on the mission clock.</summary>
    public DateTimeOffset LastUsed { get; set; }

    public ulong Fuel
    {
        get => _store.Fuel;
        set => _store.Fuel = value;
    }

    public long MemoryBytes => _memory?.Length ?? 0;

    /// <summary>The output of the last call. Valid until the next, or until the instance goes.</summary>
    public ReadOnlySpan<byte> Output => _function.Manifest.Kind == FunctionKind.Command ? _context.Output : GuestMemory.Slice(_memory!, _outputPointer, _outputLength, "output");

    /// <summary>Makes the instance, ahead of its invocation. There is no fuel yet, so that none of the function's own code can run.</summary>
    /// <exception cref="WasmtimeException">It cannot be made, or not without running the function's code.</exception>
    public void Instantiate(Module module)
    {
        _store.SetEpochDeadline(EpochsAhead);
        _instance = _engine.LinkerOf(_function.Manifest.Kind).Instantiate(_store, module);
    }

    /// <summary>Runs the module's own start, once, and looks its exports up.</summary>
    /// <param name="module">Needed where there is no instance yet.</param>
    public void Start(Module? module)
    {
        _store.SetEpochDeadline(1);
        if (_handle is not null)
            return;
        _instance ??= _engine.LinkerOf(_function.Manifest.Kind).Instantiate(_store, module!);
        _memory = new(_instance.GetMemory("memory")!);
        if (_function.Initializes)
            _instance.GetFunction("_initialize")!.Invoke();
        if (_function.Manifest.Kind == FunctionKind.Command)
        {
            _handle = _instance.GetFunction("_start");
            return;
        }
        _alloc = _instance.GetFunction("satnode_alloc")!;
        _handle = _instance.GetFunction(_function.Manifest.Handler)!;
        if (_function.Manifest.Instances.KeepWarmMax > 0)
            Shim();
    }

    /// <summary>Runs a command on what its context has as input.</summary>
    public void RunCommand() => _handle!.Invoke();

    /// <summary>Copies the input into the function's memory, calls its handler, and notes where the output lies.</summary>
    public void RunReactor(ReadOnlySpan<byte> input)
    {
        int pointer = 0;
        if (!input.IsEmpty)
        {
            pointer = (int)Call(_alloc!, [input.Length]);
            if (pointer == 0)
                throw new GuestFaultException(InvocationEnd.OutOfMemory, $"satnode_alloc: expected room for {input.Length} bytes of input, found none", "limits.memoryBytesMax");
            Span<byte> room = GuestMemory.Slice(_memory!, pointer, input.Length, "satnode_alloc");
            LargePages.AskFor(_memory!, pointer, input.Length);
            input.CopyTo(room);
        }
        TakeOutput(Call(_handle!, [pointer, input.Length]), _function.Manifest);
    }

    /// <summary>Hands the output to the next handler of the same module where it lies: nothing is copied. From here on the limits are the next one's.</summary>
    public void PassOn(FunctionManifest next)
    {
        Limit(next.Limits);
        Fuel = next.Limits.FuelMax;
        int pointer = _outputLength == 0 ? 0 : _outputPointer;
        TakeOutput((long)_instance!.GetFunction(next.Handler)!.Invoke([pointer, _outputLength])!, next);
    }

    /// <summary>After an invocation: goes back to its function when it may serve again, else ends.</summary>
    public void Release(bool mayServeAgain)
    {
        _context.Keep(null);
        if (!mayServeAgain || MemoryBytes > FunctionBounds.WarmMemoryBytesMax || !_function.TryKeep(this))
            Dispose();
    }

    public void Dispose()
    {
        _context.Keep(null);
        _store.Dispose();
    }

    private void Limit(FunctionLimits limits) =>
        _store.SetLimits(limits.MemoryBytesMax, FunctionBounds.TableElementsMax, instances: 2, tables: 1, memories: 1);

    private void TakeOutput(long packed, FunctionManifest manifest)
    {
        _outputPointer = unchecked((int)(packed >> 32));
        _outputLength = unchecked((int)packed);
        int max = manifest.Limits.OutputBytesMax;
        if (GuestMemory.Unsigned(_outputLength) > GuestMemory.Unsigned(max))
        {
            throw new GuestFaultException(InvocationEnd.Trapped, $"{manifest.Handler}: expected at most {max} bytes of output, found {GuestMemory.Unsigned(_outputLength)}",
                "limits.outputBytesMax");
        }
        _ = GuestMemory.Slice(_memory!, _outputPointer, _outputLength, manifest.Handler);
    }

    private long Call(Function function, ReadOnlySpan<ValueBox> arguments)
    {
        object? result = function.Invoke(arguments);
        return _isShimmed ? _context.Returned : result is int pointer ? pointer : (long)result!;
    }

    private void Shim()
    {
        Instance shim = _engine.Shim(_store, _alloc!, _handle!);
        _alloc = shim.GetFunction("alloc")!;
        _handle = shim.GetFunction("handle")!;
        _isShimmed = true;
    }
}
