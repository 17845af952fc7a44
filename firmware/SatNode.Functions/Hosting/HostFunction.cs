using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>A host call: its name, its types and what it does.</summary>
/// <param name="Module">The module that a function imports it from.</param>
/// <param name="Name">The name that a function imports it by.</param>
/// <param name="Parameters">A letter a parameter: <c>i</c> is i32, <c>I</c> is i64.</param>
/// <param name="Result">The same for the result; empty when there is none.</param>
/// <param name="Body">Untyped, because the engine's typed callbacks need reflection, which trimming takes away.</param>
internal sealed record HostFunction(string Module, string Name, string Parameters, string Result, Function.UntypedCallbackDelegate Body)
{
    public static ValueKind[] Kinds(string letters) => Array.ConvertAll(letters.ToCharArray(), c => c == 'I' ? ValueKind.Int64 : ValueKind.Int32);

    public void Define(Linker linker) => linker.DefineFunction(Module, Name, Body, Kinds(Parameters), Kinds(Result));
}
