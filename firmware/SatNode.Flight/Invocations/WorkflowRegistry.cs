using System.Diagnostics.CodeAnalysis;
using SatNode.Protocol;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Flight.Invocations;

/// <summary>The workflows that the node knows, each kept as one file so that they survive a reboot.</summary>
public sealed class WorkflowRegistry
{
    private readonly string _folder;
    private readonly Dictionary<string, WorkflowDefinition> _workflows = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Opens the registry and reads what is there; a damaged file is reported and left out.</summary>
    /// <param name="folder">Where the files are; made when absent.</param>
    /// <param name="onDamage">Told the file and the fault.</param>
    public WorkflowRegistry(string folder, Action<string> onDamage)
    {
        ArgumentNullException.ThrowIfNull(onDamage);
        _folder = folder;
        Directory.CreateDirectory(folder);
        foreach (string path in Directory.EnumerateFiles(folder, "*.cbor").Order(StringComparer.Ordinal).Take(InvocationLimits.MaxWorkflows))
        {
            try
            {
                WorkflowDefinition workflow = CborDecoder.Decode<WorkflowDefinition>(File.ReadAllBytes(path));
                _workflows[workflow.Name] = workflow;
            }
            catch (Exception e) when (e is WireFormatException or IOException or UnauthorizedAccessException)
            {
                onDamage($"{Path.GetFileName(path)}: {e.Message}");
            }
        }
    }

    /// <summary>Takes in a workflow; one of the same name is replaced.</summary>
    /// <returns>False when there are too many.</returns>
    /// <exception cref="IOException">The disk refused; nothing changed.</exception>
    public bool TryAdd(WorkflowDefinition workflow)
    {
        ArgumentNullException.ThrowIfNull(workflow);
        lock (_lock)
        {
            if (!_workflows.ContainsKey(workflow.Name) && _workflows.Count >= InvocationLimits.MaxWorkflows)
                return false;
            string path = Path.Combine(_folder, workflow.Name + ".cbor");
            using (FileStream file = File.Create(path + ".new"))
            {
                file.Write(workflow.Encode());
                file.Flush(flushToDisk: true); // else a power cut could leave the name without the bytes
            }
            File.Move(path + ".new", path, overwrite: true);
            _workflows[workflow.Name] = workflow;
            return true;
        }
    }

    /// <summary>Finds a workflow.</summary>
    public bool TryFind(string name, [NotNullWhen(true)] out WorkflowDefinition? workflow)
    {
        lock (_lock)
            return _workflows.TryGetValue(name, out workflow);
    }

    /// <summary>The first stages that run a function on a node: what a trigger of the function starts.</summary>
    public IReadOnlyList<(WorkflowDefinition Workflow, WorkflowStage Stage)> FirstStages(string function, string node)
    {
        lock (_lock)
        {
            return [.. _workflows.Values.SelectMany(workflow => workflow.Stages
                .Where(stage => stage.After.Count == 0 && string.Equals(stage.Function, function, StringComparison.Ordinal)
                    && stage.Candidates.Contains(node, StringComparer.Ordinal))
                .Select(stage => (workflow, stage)))];
        }
    }
}
