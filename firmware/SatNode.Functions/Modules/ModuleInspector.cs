using SatNode.Functions.Hosting;
using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;
using Wasmtime;

namespace SatNode.Functions.Modules;

/// <summary>Checks a module against the ABI of its kind before it may run: what it imports, what it exports, what it asks for at least.</summary>
internal sealed class ModuleInspector(IReadOnlyList<HostFunction> reactorCalls, IReadOnlyList<HostFunction> commandCalls)
{
    private const string Initialize = "_initialize";

    /// <summary>Checks the module and says whether it has an <c>_initialize</c> to call.</summary>
    /// <exception cref="FunctionModuleException">It breaks the ABI.</exception>
    public bool Inspect(Module module, FunctionManifest manifest)
    {
        foreach (Import import in module.Imports)
            CheckImport(import, manifest);
        MemoryExport memory = module.Exports.OfType<MemoryExport>().FirstOrDefault(e => e.Name is "memory")
            ?? throw Refuse(manifest, "expected an exported memory named memory, found none");
        if (memory.Minimum * Memory.PageSize > manifest.Limits.MemoryBytesMax)
        {
            throw Refuse(manifest, $"expected a memory of at most {manifest.Limits.MemoryBytesMax} bytes (limits.memoryBytesMax), "
                + $"found one that starts with {memory.Minimum * Memory.PageSize}");
        }
        if (manifest.Kind == FunctionKind.Command)
        {
            Require(module, manifest, "_start", "", "");
            return false;
        }
        Require(module, manifest, "satnode_alloc", "i", "i");
        Require(module, manifest, manifest.Handler, "ii", "I");
        if (!module.Exports.Any(e => e.Name is Initialize))
            return false;
        Require(module, manifest, Initialize, "", "");
        return true;
    }

    public static FunctionModuleException Refuse(FunctionManifest manifest, string text) => new($"function {manifest.Name}: {text}; not installed");

    private void CheckImport(Import import, FunctionManifest manifest)
    {
        IReadOnlyList<HostFunction> calls = manifest.Kind == FunctionKind.Command ? commandCalls : reactorCalls;
        HostFunction? call = calls.FirstOrDefault(c => string.Equals(c.Module, import.ModuleName, StringComparison.Ordinal)
            && string.Equals(c.Name, import.Name, StringComparison.Ordinal));
        if (call is null || import is not FunctionImport function)
            throw Refuse(manifest, $"expected imports that docs/function-abi.md lists for a {Word(manifest.Kind)}, found {import.ModuleName}.{import.Name}");
        if (!Same(function.Parameters, call.Parameters) || !Same(function.Results, call.Result))
        {
            throw Refuse(manifest, $"expected {import.ModuleName}.{import.Name} as ({call.Parameters}) -> ({call.Result}), "
                + $"found ({Letters(function.Parameters)}) -> ({Letters(function.Results)})");
        }
    }

    private static void Require(Module module, FunctionManifest manifest, string name, string parameters, string results)
    {
        FunctionExport function = module.Exports.OfType<FunctionExport>().FirstOrDefault(e => string.Equals(e.Name, name, StringComparison.Ordinal))
            ?? throw Refuse(manifest, $"expected an exported function {name}, found none");
        if (!Same(function.Parameters, parameters) || !Same(function.Results, results))
        {
            throw Refuse(manifest, $"expected {name} as ({parameters}) -> ({results}), "
                + $"found ({Letters(function.Parameters)}) -> ({Letters(function.Results)})");
        }
    }

    private static bool Same(IReadOnlyList<ValueKind> kinds, string letters) => HostFunction.Kinds(letters).AsSpan().SequenceEqual([.. kinds]);

    private static string Letters(IReadOnlyList<ValueKind> kinds) =>
        string.Concat(kinds.Select(k => k switch { ValueKind.Int32 => 'i', ValueKind.Int64 => 'I', ValueKind.Float32 => 'f', ValueKind.Float64 => 'F', _ => '?' }));

    private static string Word(FunctionKind kind) => kind == FunctionKind.Command ? "command" : "reactor";
}
