using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Modules;

/// <summary>Walks through a module's bytes before the compiler sees them, and refuses what would keep it too long or take too much memory: no clock can stop a compiler, and some modules
/// of a few kilobytes cost it a minute and gigabytes. Reads WebAssembly 2.0 (binary format, chapter 5) as far as this needs; what else is wrong the compiler finds.</summary>
/// <remarks>Measured with Wasmtime 50 on x64, see <see cref="FunctionBounds.CompileEffortMax"/> for the sum.</remarks>
internal static class ModuleShape
{
    private const int HeaderBytes = 8;
    private const int TypeSection = 1, ImportSection = 2, FunctionSection = 3, CodeSection = 10;

    /// <summary>Checks all functions of a module.</summary>
    /// <exception cref="FunctionModuleException">It is over a bound, or no module.</exception>
    public static void Check(FunctionManifest manifest, ReadOnlySpan<byte> module)
    {
        var reader = new ModuleReader(manifest, module);
        reader.Skip(HeaderBytes);
        var signatures = new ModuleSignatures();
        long effort = 0;
        while (!reader.IsAtEnd)
        {
            byte section = reader.Byte();
            int end = reader.End(reader.Unsigned());
            switch (section)
            {
                case TypeSection: ReadTypes(ref reader, manifest, end, signatures, ref effort); break;
                case ImportSection: ReadImports(ref reader, end, signatures); break;
                case FunctionSection: ReadFunctions(ref reader, manifest, end, signatures); break;
                case CodeSection: ReadCode(ref reader, manifest, end, signatures, ref effort); break;
                default: break;
            }
            reader.Seek(end);
        }
    }

    private static void ReadTypes(ref ModuleReader reader, FunctionManifest manifest, int end, ModuleSignatures signatures, ref long effort)
    {
        uint count = reader.Unsigned();
        for (uint i = 0; i < count && reader.Position < end; i++)
        {
            reader.Expect(0x60, "a function type");
            uint parameters = reader.Unsigned();
            reader.Skip(parameters);
            uint results = reader.Unsigned();
            reader.Skip(results);
            if ((ulong)parameters + results > FunctionBounds.TypeValuesMax)
                throw Over(manifest, $"at most {FunctionBounds.TypeValuesMax} parameters and results in a type", $"{(ulong)parameters + results} in type {i}");
            signatures.AddType((int)parameters, (int)results);
            Add(manifest, ref effort, ((parameters + results) * (long)FunctionBounds.ValueEffort) + FunctionBounds.FunctionEffort, $"type {i}");
        }
    }

    private static void ReadImports(ref ModuleReader reader, int end, ModuleSignatures signatures)
    {
        uint count = reader.Unsigned();
        for (uint i = 0; i < count && reader.Position < end; i++)
        {
            reader.Name();
            reader.Name();
            if (reader.Byte() != 0)
                return; // not a function: the ABI has none, and the inspector says so
            signatures.AddImport(reader.Unsigned());
        }
    }

    private static void ReadFunctions(ref ModuleReader reader, FunctionManifest manifest, int end, ModuleSignatures signatures)
    {
        uint count = reader.Unsigned();
        if (count > FunctionBounds.FunctionsMax)
            throw Over(manifest, $"at most {FunctionBounds.FunctionsMax} functions", $"{count}");
        for (uint i = 0; i < count && reader.Position < end; i++)
            signatures.AddFunction(reader.Unsigned());
    }

    private static void ReadCode(ref ModuleReader reader, FunctionManifest manifest, int end, ModuleSignatures signatures, ref long effort)
    {
        uint count = reader.Unsigned();
        for (int i = 0; i < count && reader.Position < end; i++)
        {
            int bodyEnd = reader.End(reader.Unsigned());
            Add(manifest, ref effort, ReadBody(ref reader, manifest, i, bodyEnd, signatures), $"function {i} of its own; make its large functions smaller");
            reader.Seek(bodyEnd);
        }
    }

    private static void Add(FunctionManifest manifest, ref long effort, long more, string where)
    {
        effort += more;
        if (effort > FunctionBounds.CompileEffortMax)
            throw Over(manifest, $"a compile effort of at most {FunctionBounds.CompileEffortMax}", $"more up to {where}");
    }

    private static long ReadBody(ref ModuleReader reader, FunctionManifest manifest, int function, int end, ModuleSignatures signatures)
    {
        (int parameters, int results) = signatures.OfBody(function);
        long locals = parameters;
        uint groups = reader.Unsigned();
        for (uint i = 0; i < groups && reader.Position < end; i++)
        {
            locals += reader.Unsigned();
            reader.Byte();
        }
        Bound("locals", locals, FunctionBounds.LocalsMax);
        var counts = new InstructionCounts { LabelValues = results > 1 ? results : 0 };
        while (reader.Position < end)
        {
            reader.Instruction(ref counts, signatures);
            if (counts.Instructions > FunctionBounds.InstructionsMax)
                Bound("instructions", counts.Instructions, FunctionBounds.InstructionsMax);
        }
        Bound("branch targets", counts.Targets, FunctionBounds.BranchTargetsMax);
        long blocks = counts.Blocks * locals, loops = (counts.Loops * locals) + (counts.LoopValues * FunctionBounds.LoopValueLocals);
        Bound("values of calls, blocks and branches", counts.Values, FunctionBounds.ValuesMax);
        Bound("blocks times locals", blocks, FunctionBounds.BlocksByLocalsMax);
        Bound("loops times locals", loops, FunctionBounds.LoopsByLocalsMax);
        return (counts.Instructions * (counts.Instructions + FunctionBounds.InstructionEffort)) + (counts.Targets * counts.Targets) + (blocks * FunctionBounds.BlockEffort)
            + (loops * FunctionBounds.LoopEffort) + ((counts.Values + parameters + results) * FunctionBounds.ValueEffort) + FunctionBounds.FunctionEffort;

        void Bound(string what, long found, long max)
        {
            if (found > max)
                throw Over(manifest, $"at most {max} {what} in a function", $"{(found > int.MaxValue ? "more" : found.ToString())} in function {function} of its own; make it smaller");
        }
    }

    private static FunctionModuleException Over(FunctionManifest manifest, string expected, string found) =>
        ModuleInspector.Refuse(manifest, $"expected {expected}, so that it can be compiled on board, found {found}");
}
