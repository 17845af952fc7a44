using SatNode.Flight.Invocations;
using SatNode.Protocol.Cbor;
using SatNode.Protocol.Functions;

namespace SatNode.Flight.Tests.Invocations;

public sealed class WorkflowRegistryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _damage = [];

    [Fact]
    public void Is_there_again_after_a_reboot()
    {
        WorkflowRegistry registry = Open();
        Assert.True(registry.TryAdd(Workflow("fire", "detect", "p10-s03")));
        Assert.True(registry.TryAdd(Workflow("flood", "detect", "p10-s03")));
        Assert.True(registry.TryAdd(Workflow("fire", "classify", "p10-s04"))); // replaces
        foreach (WorkflowRegistry opened in (WorkflowRegistry[])[registry, Open()])
        {
            Assert.True(opened.TryFind("fire", out WorkflowDefinition? fire));
            Assert.Equal("classify", fire.Stages[0].Function);
            Assert.True(opened.TryFind("flood", out _));
            Assert.False(opened.TryFind("Fire", out _));
        }
        Assert.Empty(_damage);
    }

    [Fact]
    public void Leaves_out_a_damaged_file_and_says_so()
    {
        WorkflowRegistry registry = Open();
        registry.TryAdd(Workflow("fire", "detect", "p10-s03"));
        registry.TryAdd(Workflow("flood", "detect", "p10-s03"));
        string path = _folder.File("fire.cbor");
        byte[] bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..^3]);
        registry = Open();
        Assert.False(registry.TryFind("fire", out _));
        Assert.True(registry.TryFind("flood", out _));
        Assert.StartsWith("fire.cbor: workflow: byte ", Assert.Single(_damage), StringComparison.Ordinal);
        Assert.True(registry.TryAdd(Workflow("fire", "detect", "p10-s03"))); // and can be mended
        _damage.Clear();
        Assert.True(Open().TryFind("fire", out _));
        Assert.Empty(_damage);
    }

    [Fact]
    public void Every_cut_and_every_flipped_byte_is_left_out_or_a_workflow_without_fault()
    {
        byte[] bytes = Workflow("fire", "detect", "p10-s03").Encode();
        string path = _folder.File("fire.cbor");
        for (int i = 0; i < bytes.Length; i++)
        {
            File.WriteAllBytes(path, bytes[..i]);
            Assert.False(Open().TryFind("fire", out _));
            byte[] flipped = [.. bytes];
            flipped[i] ^= 0x41;
            File.WriteAllBytes(path, flipped);
            if (Open().TryFind("fire", out WorkflowDefinition? found))
                Assert.Empty(found.Faults());
        }
        Assert.True(_damage.Count > bytes.Length);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_left_out()
    {
        Open().TryAdd(Workflow("flood", "detect", "p10-s03"));
        File.CreateSymbolicLink(_folder.File("a.cbor"), _folder.File("nowhere"));
        Assert.True(Open().TryFind("flood", out _));
        Assert.StartsWith("a.cbor: ", Assert.Single(_damage), StringComparison.Ordinal);
    }

    [Fact]
    public void A_write_that_the_power_cut_ended_leaves_the_old_one()
    {
        Open().TryAdd(Workflow("fire", "detect", "p10-s03"));
        File.WriteAllBytes(_folder.File("fire.cbor.new"), [0x01, 0x02]);
        WorkflowRegistry registry = Open();
        Assert.True(registry.TryFind("fire", out _));
        Assert.Empty(_damage);
        Assert.True(registry.TryAdd(Workflow("fire", "classify", "p10-s03")));
        Assert.Equal(["fire.cbor"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_disk_that_refuses_changes_nothing()
    {
        WorkflowRegistry registry = Open();
        registry.TryAdd(Workflow("fire", "detect", "p10-s03"));
        Directory.CreateDirectory(_folder.File("fire.cbor.new")); // a file of that name cannot be written
        Assert.ThrowsAny<Exception>(() => registry.TryAdd(Workflow("fire", "classify", "p10-s03")));
        Assert.True(registry.TryFind("fire", out WorkflowDefinition? kept));
        Assert.Equal("detect", kept.Stages[0].Function);
    }

    [Fact]
    public void Keeps_32_and_replaces_when_full()
    {
        WorkflowRegistry registry = Open();
        for (int i = 0; i < InvocationLimits.MaxWorkflows; i++)
            Assert.True(registry.TryAdd(Workflow($"w{i}", "detect", "p10-s03")));
        Assert.False(registry.TryAdd(Workflow("one-more", "detect", "p10-s03")));
        Assert.True(registry.TryAdd(Workflow("w0", "classify", "p10-s03")));
        registry = Open();
        Assert.False(registry.TryFind("one-more", out _));
        for (int i = 0; i < InvocationLimits.MaxWorkflows; i++)
            Assert.True(registry.TryFind($"w{i}", out _));
    }

    [Fact]
    public void A_trigger_starts_only_first_stages_and_only_on_their_candidates()
    {
        WorkflowRegistry registry = Open();
        registry.TryAdd(new WorkflowDefinition
        {
            Name = "fire",
            Stages = [new("see", "detect", [], ["p10-s03", "p10-s04"]), new("look-again", "detect", ["see"], ["p10-s03"]), new("tell", "report", ["look-again"], ["p10-s03"])],
        });
        registry.TryAdd(Workflow("flood", "detect", "p10-s04"));
        Assert.Equal([("fire", "see")], registry.FirstStages("detect", "p10-s03").Select(start => (start.Workflow.Name, start.Stage.Name)));
        Assert.Equal(["fire", "flood"], registry.FirstStages("detect", "p10-s04").Select(start => start.Workflow.Name).Order(StringComparer.Ordinal));
        Assert.Empty(registry.FirstStages("report", "p10-s03"));
        Assert.Empty(registry.FirstStages("detect", "p10-s05"));
    }

    public void Dispose() => _folder.Dispose();

    private WorkflowRegistry Open() => new(_folder.Path, _damage.Add);

    private static WorkflowDefinition Workflow(string name, string function, string node) => new() { Name = name, Stages = [new("only", function, [], [node])] };
}
