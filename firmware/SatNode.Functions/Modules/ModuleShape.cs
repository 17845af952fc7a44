using SatNode.Functions.Runtime;
using SatNode.Protocol.Functions;

namespace SatNode.Functions.Modules;

/// <summary>Walks through a module's bytes before the compiler sees them, and refuses what would keep it too long or take too much memory: no clock can stop a compiler, and some modules
/// of a few kilobytes cost it a minute and gigabytes. Reads WebAssembly 2.0 (binary format, chapter 5) as far as this needs; what else is wrong the compiler finds.</summary>
/// <remarks>Measured with Wasmtime 50 on x64, see <see cref="FunctionBounds.CompileEffortMax"/> for the sum.</remarks>
internal static class ModuleShape
{
    private const int HeaderBytes = 8;
    private const int TypeSection = 1, FunctionSection = 3, CodeSection = 10;

    /// <summary>Checks all functions of a module.</summary>
    /// <exception cref="FunctionModuleException">It is over a bound, or no module.</exception>
    public static void Check(FunctionManifest manifest, ReadOnlySpan<byte> module)
    {
        var reader = new ModuleReader(manifest, module);
        reader.Skip(HeaderBytes);
        List<int> parameters = [];
        List<int> types = [];
        long effort = 0;
        while (!reader.IsAtEnd)
        {
            byte section = reader.Byte();
            int end = reader.End(reader.Unsigned());
            switch (section)
            {
                case TypeSection: ReadTypes(ref reader, end, parameters); break;
                case FunctionSection: ReadFunctions(ref reader, manifest, end, types); break;
                case CodeSection: effort += ReadCode(ref reader, manifest, end, types, parameters, effort); break;
                default: break;
            }
            reader.Seek(end);
        }
    }

    private static void ReadTypes(ref ModuleReader reader, int end, List<int> parameters)
    {
        uint count = reader.Unsigned();
        for (uint i = 0; i < count && reader.Position < end; i++)
        {
            reader.Expect(0x60, "a function type");
            uint inputs = reader.Unsigned();
            reader.Skip(inputs);
            reader.Skip(reader.Unsigned());
            parameters.Add((int)inputs);
        }
    }

    private static void ReadFunctions(ref ModuleReader reader, FunctionManifest manifest, int end, List<int> types)
    {
        uint count = reader.Unsigned();
        if (count > FunctionBounds.FunctionsMax)
            throw Over(manifest, $"at most {FunctionBounds.FunctionsMax} functions", $"{count}");
        for (uint i = 0; i < count && reader.Position < end; i++)
            types.Add((int)Math.Min(reader.Unsigned(), int.MaxValue));
    }

    private static long ReadCode(ref ModuleReader reader, FunctionManifest manifest, int end, List<int> types, List<int> parameters, long before)
    {
        uint count = reader.Unsigned();
        long effort = before;
        for (int i = 0; i < count && reader.Position < end; i++)
        {
            int bodyEnd = reader.End(reader.Unsigned());
            int type = i < types.Count ? types[i] : int.MaxValue;
            effort += ReadBody(ref reader, manifest, i, bodyEnd, type < parameters.Count ? parameters[type] : 0);
            if (effort > FunctionBounds.CompileEffortMax)
                throw Over(manifest, $"a compile effort of at most {FunctionBounds.CompileEffortMax}", $"more up to function {i} of its own; make its large functions smaller");
            reader.Seek(bodyEnd);
        }
        return effort - before;
    }

    private static long ReadBody(ref ModuleReader reader, FunctionManifest manifest, int function, int end, int parameters)
    {
        long locals = parameters;
        uint groups = reader.Unsigned();
        for (uint i = 0; i < groups && reader.Position < end; i++)
        {
            locals += reader.Unsigned();
            reader.Byte();
        }
        Bound("locals", locals, FunctionBounds.LocalsMax);
        var counts = new InstructionCounts();
        while (reader.Position < end)
        {
            reader.Instruction(ref counts);
            if (counts.Instructions > FunctionBounds.InstructionsMax)
                Bound("instructions", counts.Instructions, FunctionBounds.InstructionsMax);
        }
        Bound("branch targets", counts.Targets, FunctionBounds.BranchTargetsMax);
        Bound("blocks times locals", counts.Blocks * locals, FunctionBounds.BlocksByLocalsMax);
        Bound("loops times locals", counts.Loops * locals, FunctionBounds.LoopsByLocalsMax);
        return (counts.Instructions * (counts.Instructions + FunctionBounds.InstructionEffort)) + (counts.Targets * counts.Targets) + (counts.Blocks * locals * FunctionBounds.BlockEffort)
            + (counts.Loops * locals * FunctionBounds.LoopEffort) + FunctionBounds.FunctionEffort;

        void Bound(string what, long found, long max)
        {
            if (found > max)
                throw Over(manifest, $"at most {max} {what} in a function", $"{(found > int.MaxValue ? "more" : found.ToString())} in function {function} of its own; make it smaller");
        }
    }

    private static FunctionModuleException Over(FunctionManifest manifest, string expected, string found) =>
        ModuleInspector.Refuse(manifest, $"expected {expected}, so that it can be compiled on board, found {found}");
}
