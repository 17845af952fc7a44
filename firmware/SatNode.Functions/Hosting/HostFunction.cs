using Wasmtime;

namespace SatNode.Functions.Hosting;

/// <summary>What a host call does, on the function's thread.</summary>
/// <param name="context">The invocation that calls.</param>
/// <param name="arguments">As the types say.</param>
/// <param name="results">One value, or none.</param>
internal delegate void HostCall(InvocationContext context, ReadOnlySpan<ValueBox> arguments, Span<ValueBox> results);

/// <summary>A host call: its name, its types and what it does.</summary>
/// <param name="Module">The module that a function imports it from.</param>
/// <param name="Name">The name that a function imports it by.</param>
/// <param name="Parameters">A letter a parameter: <c>i</c> is i32, <c>I</c> is i64.</param>
/// <param name="Result">The same for the result; empty when there is none.</param>
/// <param name="Body">What it does.</param>
internal sealed record HostFunction(string Module, string Name, string Parameters, string Result, HostCall Body)
{
    public static ValueKind[] Kinds(string letters) => Array.ConvertAll(letters.ToCharArray(), c => c == 'I' ? ValueKind.Int64 : ValueKind.Int32);

    /// <summary>Offers the call to functions. Untyped, because the engine's typed callbacks need reflection, which trimming takes away.</summary>
    public void Define(Linker linker) => linker.DefineFunction(Module, Name, (caller, arguments, results) =>
    {
        var context = (InvocationContext)caller.GetData()!;
        context.EnterHostCall(caller);
        Body(context, arguments, results);
    }, Kinds(Parameters), Kinds(Result));
}
