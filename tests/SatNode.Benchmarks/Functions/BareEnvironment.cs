using SatNode.Functions.Runtime;

namespace SatNode.Benchmarks.Functions;

/// <summary>A node that lends nothing.</summary>
internal sealed class BareEnvironment : IFunctionEnvironment
{
    public string NodeName => "p01-s02";

    public ulong Seed => 7;

    public TimeProvider Clock => TimeProvider.System;

    public DateTimeOffset? Deadline => null;

    public bool TryGetState(string key, out ReadOnlyMemory<byte> value)
    {
        value = default;
        return false;
    }

    public bool TryGetFact(string name, out string value)
    {
        value = "";
        return false;
    }

    public void Log(FunctionLogLevel level, string text)
    {
    }

    public void Commit(FunctionEffects effects)
    {
    }
}
