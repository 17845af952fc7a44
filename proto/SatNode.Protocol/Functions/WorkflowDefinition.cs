using System.Formats.Cbor;
using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Functions;

/// <summary>One step of a workflow. CDDL: <c>stage = [name, function, [* after], [* candidate], ? fuse: true]</c>.</summary>
/// <param name="Name">A DNS label, unique in the workflow.</param>
/// <param name="Function">The function's name.</param>
/// <param name="After">Names of the stages whose output it takes; none for a first stage.</param>
/// <param name="Candidates">Names of nodes that may run it, the preferred placement first; 1 to 8.</param>
/// <param name="Fuse">True where it may run in the instance of the one stage that it follows, together with that one as one invocation; where that cannot be, it runs by itself.</param>
public sealed record WorkflowStage(string Name, string Function, IReadOnlyList<string> After, IReadOnlyList<string> Candidates, bool Fuse = false);

/// <summary>An acyclic graph of functions and where each may run. CDDL: <c>workflow = { 1: name, 2: [1*32 stage] }</c>.</summary>
public sealed record WorkflowDefinition : ICborMessage<WorkflowDefinition>
{
    /// <summary>The most stages.</summary>
    public const int StagesMax = 32;

    /// <summary>The most candidates of a stage.</summary>
    public const int CandidatesMax = 8;

    /// <inheritdoc/>
    public static string MessageName => "workflow";

    /// <inheritdoc/>
    /// <remarks>32 stages of at most 2 + 31 + 8 labels of 65 bytes, with heads: under 90 kB.</remarks>
    public static int MaxEncodedBytes => 90 * 1024;

    /// <summary>A DNS label.</summary>
    public required string Name { get; init; }

    /// <summary>1 to 32 stages, in any order.</summary>
    public required IReadOnlyList<WorkflowStage> Stages { get; init; }

    /// <summary>All that is wrong with the workflow; empty when it may be deployed.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (!FunctionNames.IsLabel(Name))
            faults.Add(FunctionNames.Fault("name", Name));
        if (Stages.Count is < 1 or > StagesMax)
        {
            faults.Add($"stages: expected 1 to {StagesMax}, found {Stages.Count}");
            return faults;
        }
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (WorkflowStage stage in Stages)
        {
            if (!FunctionNames.IsLabel(stage.Name))
                faults.Add(FunctionNames.Fault("stage", stage.Name));
            else if (!names.Add(stage.Name))
                faults.Add($"stage {stage.Name}: expected a name once, found it again");
        }
        foreach (WorkflowStage stage in Stages)
            faults.AddRange(Faults(stage, names));
        if (faults.Count == 0 && InOrder() is null)
            faults.Add("stages: expected a graph without cycles, found a cycle");
        return faults;
    }

    /// <summary>The stages so that each stands after all it waits for, otherwise in the given order.</summary>
    /// <exception cref="InvalidOperationException">The graph has a cycle; <see cref="Faults()"/> names it.</exception>
    public IReadOnlyList<WorkflowStage> Ordered() => InOrder() ?? throw new InvalidOperationException($"workflow {Name} has a cycle");

    /// <summary>The stages that take the output of <paramref name="stage"/>.</summary>
    public IEnumerable<WorkflowStage> Following(string stage) => Stages.Where(s => s.After.Contains(stage, StringComparer.Ordinal));

    /// <inheritdoc/>
    public static WorkflowDefinition Read(CborReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        if (reader.ReadStartMapUpTo(2) != 2 || reader.ReadUpTo(2) != 1)
            throw new WireFormatException("expected the keys 1 and 2 in this order, found others");
        string name = reader.ReadTextUpTo(FunctionNames.CharsMax);
        if (reader.ReadUpTo(2) != 2)
            throw new WireFormatException("expected the keys 1 and 2 in this order, found others");
        List<WorkflowStage> stages = [];
        int count = reader.ReadStartArrayUpTo(StagesMax);
        for (int i = 0; i < count; i++)
        {
            stages.Add(ReadStage(reader));
        }
        reader.ReadEndArray();
        reader.ReadEndMap();
        var workflow = new WorkflowDefinition { Name = name, Stages = stages };
        return workflow.Faults() is { Count: > 0 } faults ? throw new WireFormatException(string.Join("; ", faults)) : workflow;
    }

    /// <inheritdoc/>
    public void Write(CborWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartMap(2);
        writer.WriteUInt32(1);
        writer.WriteTextString(Name);
        writer.WriteUInt32(2);
        writer.WriteStartArray(Stages.Count);
        foreach (WorkflowStage stage in Stages)
        {
            writer.WriteStartArray(stage.Fuse ? 5 : 4);
            writer.WriteTextString(stage.Name);
            writer.WriteTextString(stage.Function);
            WriteLabels(writer, stage.After);
            WriteLabels(writer, stage.Candidates);
            if (stage.Fuse)
                writer.WriteBoolean(true);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
        writer.WriteEndMap();
    }

    private static IEnumerable<string> Faults(WorkflowStage stage, HashSet<string> names)
    {
        if (!FunctionNames.IsLabel(stage.Function))
            yield return FunctionNames.Fault($"stage {stage.Name}: function", stage.Function);
        if (stage.After.Distinct(StringComparer.Ordinal).Count() != stage.After.Count)
            yield return $"stage {stage.Name}: after: expected every name once";
        if (stage.Fuse && stage.After.Count != 1)
            yield return $"stage {stage.Name}: fuse: expected one stage under after, in whose instance it runs, found {stage.After.Count}";
        foreach (string after in stage.After)
        {
            if (!names.Contains(after))
                yield return $"stage {stage.Name}: after: expected the name of a stage, found \"{after}\"";
        }
        if (stage.Candidates.Count is < 1 or > CandidatesMax)
            yield return $"stage {stage.Name}: candidates: expected 1 to {CandidatesMax}, found {stage.Candidates.Count}";
        if (stage.Candidates.Distinct(StringComparer.Ordinal).Count() != stage.Candidates.Count)
            yield return $"stage {stage.Name}: candidates: expected every node once";
        foreach (string node in stage.Candidates)
        {
            if (!FunctionNames.IsLabel(node))
                yield return FunctionNames.Fault($"stage {stage.Name}: candidate", node);
        }
    }

    private static WorkflowStage ReadStage(CborReader reader)
    {
        int items = reader.ReadStartArrayUpTo(5);
        if (items < 4)
            throw new WireFormatException($"expected a stage of 4 or 5 items, found {items}");
        var stage = new WorkflowStage(reader.ReadTextUpTo(FunctionNames.CharsMax), reader.ReadTextUpTo(FunctionNames.CharsMax), ReadLabels(reader, StagesMax), ReadLabels(reader, CandidatesMax),
            items == 5 && reader.ReadBoolean());
        if (items == 5 && !stage.Fuse)
            throw new WireFormatException("expected a stage that is fused to say so by true, found false");
        reader.ReadEndArray();
        return stage;
    }

    private List<WorkflowStage>? InOrder()
    {
        List<WorkflowStage> ordered = [];
        HashSet<string> placed = new(StringComparer.Ordinal);
        while (ordered.Count < Stages.Count)
        {
            WorkflowStage? next = Stages.FirstOrDefault(s => !placed.Contains(s.Name) && s.After.All(placed.Contains));
            if (next is null)
                return null;
            placed.Add(next.Name);
            ordered.Add(next);
        }
        return ordered;
    }

    private static List<string> ReadLabels(CborReader reader, int max)
    {
        List<string> labels = [];
        int count = reader.ReadStartArrayUpTo(max);
        for (int i = 0; i < count; i++)
            labels.Add(reader.ReadTextUpTo(FunctionNames.CharsMax));
        reader.ReadEndArray();
        return labels;
    }

    private static void WriteLabels(CborWriter writer, IReadOnlyList<string> labels)
    {
        writer.WriteStartArray(labels.Count);
        foreach (string label in labels)
            writer.WriteTextString(label);
        writer.WriteEndArray();
    }
}
