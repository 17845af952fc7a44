namespace SatNode.Functions.Modules;

/// <summary>How many values a module's types and functions carry. An index that is none carries nothing: the compiler refuses it.</summary>
internal sealed class ModuleSignatures
{
    private readonly List<(int Parameters, int Results)> _types = [];
    private readonly List<int> _functions = []; // their types, imported ones first
    private int _imported;

    public void AddType(int parameters, int results) => _types.Add((parameters, results));

    public void AddImport(uint type)
    {
        _functions.Add(ToIndex(type));
        _imported++;
    }

    public void AddFunction(uint type) => _functions.Add(ToIndex(type));

    /// <summary>What a type takes and gives.</summary>
    public (int Parameters, int Results) OfType(uint type) => type < _types.Count ? _types[(int)type] : default;

    /// <summary>What a function takes and gives, by its index among all.</summary>
    public (int Parameters, int Results) OfFunction(uint function) => function < _functions.Count ? OfType((uint)_functions[(int)function]) : default;

    /// <summary>What a function of the module's own takes and gives.</summary>
    public (int Parameters, int Results) OfBody(int body) => OfFunction((uint)(_imported + body));

    private static int ToIndex(uint type) => (int)Math.Min(type, int.MaxValue);
}
