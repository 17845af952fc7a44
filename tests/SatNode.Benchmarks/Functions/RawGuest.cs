using Wasmtime;

namespace SatNode.Benchmarks.Functions;

/// <summary>The engine alone, with the settings that cost something at run time: what any runtime on it has to spend on a call.</summary>
internal sealed class RawGuest : IDisposable
{
    private readonly Engine _engine;
    private readonly Module _module;
    private readonly Linker _linker;
    private readonly Store _store;
    private readonly Func<byte[], int> _call;

    public RawGuest(byte[] module)
    {
        using var pool = new PoolingAllocationConfig();
        pool.WithMaxCoreInstances(4).WithMaxMemories(4).WithMaxTables(4).WithMaxUnusedWarmSlots(4).WithMaxMemorySize(64 * 1024 * 1024).WithLinearMemoryKeepResidentBytes(128 * 1024);
        using var config = new Config();
        config.WithPoolingAllocationStrategy(pool).WithEpochInterruption(true).WithFuelConsumption(true);
        _engine = new(config);
        _module = Module.FromBytes(_engine, "raw", module);
        _linker = new(_engine);
        _store = new(_engine);
        _call = Caller(_store, new byte[16 * 1024 * 1024]);
    }

    /// <summary>Copies in, calls, copies out; one instance for all.</summary>
    public void Kept(byte[] input, int times)
    {
        for (int i = 0; i < times; i++)
            Check.That(_call(input) == input.Length, "the bytes back");
    }

    /// <summary>The same with a store and an instance for each.</summary>
    public void Fresh(byte[] input, int times)
    {
        byte[] output = new byte[input.Length];
        for (int i = 0; i < times; i++)
        {
            using var store = new Store(_engine);
            Check.That(Caller(store, output)(input) == input.Length, "the bytes back");
        }
    }

    public void Dispose()
    {
        _store.Dispose();
        _linker.Dispose();
        _module.Dispose();
        _engine.Dispose();
    }

    private Func<byte[], int> Caller(Store store, byte[] output)
    {
        store.Fuel = 1_000_000_000_000;
        store.SetEpochDeadline(1_000_000);
        Instance instance = _linker.Instantiate(store, _module);
        Func<int, int> alloc = instance.GetFunction("satnode_alloc")!.WrapFunc<int, int>()!;
        Func<int, int, long> handle = instance.GetFunction("satnode_handle")!.WrapFunc<int, int, long>()!;
        Memory memory = instance.GetMemory("memory")!;
        return input =>
        {
            int at = alloc(input.Length);
            input.CopyTo(memory.GetSpan(at, input.Length));
            long packed = handle(at, input.Length);
            int length = (int)(packed & 0x7fffffff);
            memory.GetSpan((long)(int)(packed >> 32), length).CopyTo(output);
            return length;
        };
    }
}
