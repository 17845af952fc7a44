using System.Security.Cryptography;
using SatNode.Flight.Invocations;
using SatNode.Protocol.Functions;

namespace SatNode.Agent.Tests.Composition;

/// <summary>Stages of a workflow whose author asks for one instance: when the node gives them one, and that they otherwise run as ever.</summary>
public sealed class FusionTests : IAsyncDisposable
{
    private readonly NodeWorld _world = new();
    private byte[] _module = [];

    public ValueTask DisposeAsync() => _world.DisposeAsync();

    [Fact]
    public async Task Stages_of_one_image_on_one_node_run_as_one_with_one_storage_operation()
    {
        Deploy();
        Chain();
        long writes = _world.States.Writes;
        Start([1, 2, 3]);
        await _world.Until(() => _world.OutputOf("last") is not null);
        Assert.Equal([3, 2, 3], _world.OutputOf("last")!); // each adds one to the first byte where it lies
        Assert.Equal(1, _world.States.Writes - writes); // the state of all three; no output between them was written
        Assert.Equal(0, _world.States.Reads);
        Assert.Equal((1, 2, 3), (_world.Count("invocation.started"), _world.Count("invocation.fused"), _world.Count("invocation.completed")));
    }

    [Fact]
    public async Task Stages_that_do_not_ask_for_it_run_by_themselves()
    {
        Deploy();
        Chain(fuse: false);
        long writes = _world.States.Writes;
        Start([1, 2, 3]);
        await _world.Until(() => _world.OutputOf("last") is not null);
        await _world.Until(() => _world.States.Writes - writes == 5); // three commits and two outputs
        Assert.Equal([3, 2, 3], _world.OutputOf("last")!);
        Assert.Equal((3, 0), (_world.Count("invocation.started"), _world.Count("invocation.fused")));
    }

    [Theory]
    [InlineData("placed elsewhere", 1)]
    [InlineData("another module", 1)]
    [InlineData("a trigger waits for the first one's output", 1)]
    [InlineData("a fork", 1)]
    [InlineData("state to read ahead", 1)]
    [InlineData("not deployed", 1)]
    [InlineData("nothing against it", 3)]
    public void Stages_that_cannot_be_fused_start_apart(string why, int together)
    {
        Deploy(middlePrefetch: why == "state to read ahead" ? ["key"] : []);
        if (why == "another module")
            _world.Deploy("middle", NodeWorld.Says);
        if (why == "a trigger waits for the first one's output")
            _world.Deploy("listener", NodeWorld.Says, null, new OutputTrigger("first"));
        if (why == "not deployed")
            _world.Deployments.Undeploy("middle");
        WorkflowStage one = new("one", "first", [], ["here"]), two = new("two", "middle", ["one"], [why == "placed elsewhere" ? "there" : "here"], Fuse: true),
            three = new("three", "last", ["two"], ["here"], Fuse: true);
        Assert.True(_world.Workflows.TryAdd(new() { Name = "chain", Stages = why == "a fork" ? [one, two, three, new("also", "last", ["one"], ["here"])] : [one, two, three] }));
        var invocation = new Invocation { Id = "i", Function = "first", Workflow = "chain", Run = "r", Stage = "one", Queued = _world.Time.GetUtcNow(), Deadline = _world.Time.GetUtcNow(), Depth = 2 };
        IReadOnlyList<Invocation> stages = _world.Functions.Fusible(invocation);
        Assert.Equal(together - 1, stages.Count);
        Assert.All(stages, stage => Assert.Equal(("chain", "r", 2), (stage.Workflow, stage.Run, stage.Depth)));
        Assert.Empty(_world.Functions.Fusible(invocation with { Workflow = "" }));
    }

    [Fact]
    public async Task A_stage_that_fails_leaves_no_state_and_the_one_before_it_has_completed()
    {
        Deploy(second: "unreachable");
        Chain();
        Start([1]);
        await _world.Until(() => _world.Count("invocation.failed middle") == 1);
        Assert.Equal((1, 0), (_world.Count("invocation.completed first"), _world.Count("invocation.fused last")));
        Assert.True(_world.Own.Describe("first", "key").Length == 1);
        Assert.True(_world.Own.Describe("middle", "key").Length < 0);
    }

    [Fact]
    public async Task A_stage_whose_input_may_not_be_so_long_is_refused_as_it_is_by_itself()
    {
        Deploy(middleInputBytesMax: 2);
        Chain();
        Start([1, 2, 3]);
        await _world.Until(() => _world.Count("invocation.failed middle") == 1);
        Assert.Equal((1, 0, 2), (_world.Count("invocation.completed first"), _world.Count("invocation.fused"), _world.Count("invocation.started")));
    }

    private void Start(byte[] input) => Assert.True(_world.Functions.Trigger("first", InputSource.Bytes, input));

    private void Chain(bool fuse = true) => Assert.True(_world.Workflows.TryAdd(new()
    {
        Name = "chain",
        Stages = [new("one", "first", [], ["here"]), new("two", "middle", ["one"], ["here"], fuse), new("three", "last", ["two"], ["here"], fuse)],
    }));

    /// <summary>Three functions of one module: each keeps a byte; the second and the third add one to the first byte of what they get.</summary>
    private void Deploy(string second = "(i32.store8 (local.get 0) (i32.add (i32.load8_u (local.get 0)) (i32.const 1)))", string[]? middlePrefetch = null, int? middleInputBytesMax = null)
    {
        const string puts = "(drop (call $put (i32.const 16) (i32.const 3) (i32.const 16) (i32.const 1)))";
        const string alike = "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";
        _module = Wasmtime.Module.ConvertText($"""
            (module
              (import "satnode" "state_put" (func $put (param i32 i32 i32 i32) (result i32)))
              (memory (export "memory") 1) (data (i32.const 16) "key")
              (func (export "satnode_alloc") (param i32) (result i32) i32.const 4096)
              (func (export "first") (param i32 i32) (result i64) {puts} {alike})
              (func (export "middle") (param i32 i32) (result i64) {puts} {second} {alike})
              (func (export "last") (param i32 i32) (result i64) {puts} (i32.store8 (local.get 0) (i32.add (i32.load8_u (local.get 0)) (i32.const 1))) {alike}))
            """);
        foreach (string name in (string[])["first", "middle", "last"])
        {
            var manifest = new FunctionManifest { Name = name, Version = "1", Kind = FunctionKind.Reactor, ModuleDigest = SHA256.HashData(_module), Needs = FunctionNeeds.State, Handler = name };
            if (name == "middle")
                manifest = manifest with { Prefetch = middlePrefetch ?? [], Limits = manifest.Limits with { InputBytesMax = middleInputBytesMax ?? manifest.Limits.InputBytesMax } };
            _world.Deploy(manifest, _module);
        }
    }
}
