using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using SatNode.Functions.Runtime;

namespace SatNode.Functions.Tests.Runtime;

/// <summary>A node in memory.</summary>
internal sealed class TestEnvironment : IFunctionEnvironment
{
    public ConcurrentDictionary<string, ReadOnlyMemory<byte>> State { get; } = new(StringComparer.Ordinal);

    public List<string> Lines { get; } = [];

    public List<Emission> Emissions { get; } = [];

    public int Commits { get; private set; }

    public Func<string, byte[]?>? OnState { get; init; }

    public string NodeName => "p01-s02";

    public ulong Seed { get; init; } = 7;

    public FakeTimeProvider Time { get; } = new(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));

    public TimeProvider Clock => Time;

    public DateTimeOffset? Deadline { get; set; }

    public bool TryGetState(string key, out ReadOnlyMemory<byte> value)
    {
        if (OnState?.Invoke(key) is { } made)
        {
            value = made;
            return true;
        }
        return State.TryGetValue(key, out value);
    }

    public bool TryGetFact(string name, out string value)
    {
        value = "41.5";
        return name is "board.celsius";
    }

    public void Log(FunctionLogLevel level, string text) => Lines.Add($"{level}: {text}");

    public void Commit(FunctionEffects effects)
    {
        Commits++;
        foreach (StateChange change in effects.Changes)
        {
            if (change.Value is { } value)
                State[change.Key] = value;
            else
                State.TryRemove(change.Key, out _);
        }
        Emissions.AddRange(effects.Emissions);
    }
}
