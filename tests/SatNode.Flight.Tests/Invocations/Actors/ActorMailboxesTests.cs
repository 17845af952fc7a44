using Microsoft.Extensions.Time.Testing;
using SatNode.Flight.Invocations;
using SatNode.Flight.Invocations.Actors;
using SatNode.Protocol.Functions;

namespace SatNode.Flight.Tests.Invocations.Actors;

/// <summary>Who waits for an actor, what its policy does to messages, and how many may wait.</summary>
public sealed class ActorMailboxesTests
{
    private static readonly ActorAddress Actor = new("alarm", "redu");
    private static readonly FunctionActor Limits = new();

    private readonly FakeTimeProvider _time = new(SchedulerWorld.Noon);
    private readonly Dictionary<ActorAddress, ActorPolicy> _policies = [];
    private readonly List<string> _told = [];
    private readonly ActorMailboxes _mailboxes;

    public ActorMailboxesTests() => _mailboxes = new(actor => _policies.GetValueOrDefault(actor), _time);

    [Fact]
    public void A_mailbox_takes_as_many_as_the_manifest_says_and_nothing_of_it_is_left_when_all_are_handled()
    {
        for (int i = 0; i < 3; i++)
            Assert.Equal(PostResult.Waits, Post($"m{i}", limits: new() { MailboxMax = 3 }));
        Assert.False(_mailboxes.HasRoomFor(Actor, new() { MailboxMax = 3 }, 0, 0));
        Assert.True(_mailboxes.HasRoomFor(Actor, new() { MailboxMax = 4 }, 0, 0));
        Assert.False(_mailboxes.HasRoomFor(Actor, new() { MailboxMax = 4 }, 1, 0)); // the sender's own before it
        Assert.Equal(PostResult.Full, Post("m3", limits: new() { MailboxMax = 3 }));
        Assert.Equal((3, 1), (_mailboxes.Count, _mailboxes.Mailboxes));
        Assert.Equal(1, Assert.Single(_mailboxes.TakeLosses(_time.GetUtcNow())).Full);
        for (int i = 0; i < 3; i++)
            Assert.Equal([$"m{i}"], Handle());
        Assert.Equal((0, 0), (_mailboxes.Count, _mailboxes.Mailboxes));
        Assert.Equal(PostResult.Waits, Post("m4", limits: new() { MailboxMax = 1 }));
    }

    [Fact]
    public void One_message_of_an_actor_is_due_at_a_time_and_one_of_each()
    {
        Post("a1");
        Post("a2");
        Post("b1", Actor with { Key = "white-sands" });
        Assert.Equal(["a1", "b1"], Ids(_mailboxes.Due()));
        Pending head = _mailboxes.Due()[0];
        Assert.True(_mailboxes.TryBegin(head, [], out bool isBatch));
        Assert.False(isBatch);
        Assert.Equal(["b1"], Ids(_mailboxes.Due()));
        Assert.False(_mailboxes.TryBegin(head, [], out _)); // nothing begins twice
        _mailboxes.Leave(Actor);
        Assert.Equal(["a2", "b1"], Ids(_mailboxes.Due()));
    }

    [Fact]
    public void Dropping_takes_nothing_while_one_waits_is_handled_or_for_a_time_after_it()
    {
        _policies[Actor] = new(ActorPolicyKind.Drop, 5000);
        Assert.Equal(PostResult.Waits, Post("m1"));
        Assert.True(_mailboxes.HasRoomFor(Actor, new() { MailboxMax = 1 }, 0, 0));
        Assert.Equal(PostResult.Dropped, Post("m2", isAwaited: true));
        Assert.True(_mailboxes.TryBegin(_mailboxes.Due()[0], [], out _));
        Assert.Equal(PostResult.Dropped, Post("m3"));
        _mailboxes.Leave(Actor);
        _time.Advance(TimeSpan.FromMilliseconds(4999));
        Assert.Equal(PostResult.Dropped, Post("m4"));
        Assert.False(_mailboxes.TryEnter(Actor, out _)); // calls as well
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(PostResult.Waits, Post("m5"));
        Tell();
        Assert.Equal(["m2: dropped by the actor's policy"], _told);
    }

    [Fact]
    public void What_policies_dropped_is_told_of_once_in_ten_minutes_with_the_count_of_all()
    {
        _policies[Actor] = new(ActorPolicyKind.Drop);
        Post("m1");
        Post("m2");
        Post("m3");
        Assert.Equal(new("alarm", "redu", 0, 2, ActorPolicyKind.Drop), Assert.Single(_mailboxes.TakeLosses(_time.GetUtcNow())));
        Post("m4");
        Assert.Equal(0, Assert.Single(_mailboxes.TakeLosses(_time.GetUtcNow())).Dropped);
        _time.Advance(InvocationLimits.LimitEventInterval);
        Assert.Equal(3, Assert.Single(_mailboxes.TakeLosses(_time.GetUtcNow())).Dropped);
        Assert.Empty(_mailboxes.TakeLosses(_time.GetUtcNow()));
    }

    [Fact]
    public void Batches_hand_over_up_to_so_many_in_order()
    {
        _policies[Actor] = new(ActorPolicyKind.Batch, 3);
        for (int i = 1; i <= 5; i++)
            Post($"m{i}");
        Assert.Equal(["m1", "m2", "m3"], Handle());
        Assert.Equal(["m4", "m5"], Handle());
    }

    [Fact]
    public void Coalescing_keeps_the_newest_that_waits_even_in_a_full_mailbox()
    {
        _policies[Actor] = new(ActorPolicyKind.Coalesce);
        Post("m1", isAwaited: true, limits: new() { MailboxMax = 1 });
        Assert.True(_mailboxes.HasRoomFor(Actor, new() { MailboxMax = 1 }, 0, 0));
        Assert.Equal(PostResult.Waits, Post("m2", limits: new() { MailboxMax = 1 }));
        Pending head = _mailboxes.Due()[0];
        _mailboxes.TryBegin(head, [], out _);
        Post("m3"); // m2 is being handled: both stay
        Post("m4", isAwaited: true);
        Assert.Equal(1, _mailboxes.Count);
        _mailboxes.Leave(Actor);
        Assert.Equal(["m4"], Handle());
        Tell();
        Assert.Equal(["m1: a newer message took its place, as the actor's policy says"], _told);
    }

    [Fact]
    public void Prioritising_hands_over_the_highest_priority_and_of_the_same_the_first_come()
    {
        _policies[Actor] = new(ActorPolicyKind.Prioritise);
        Post("low", priority: 1);
        Post("high", priority: 9);
        Post("also-high", priority: 9);
        Post("middle", priority: 5);
        Assert.Equal(["high", "also-high", "middle", "low"], (string[])[.. Handle(), .. Handle(), .. Handle(), .. Handle()]);
    }

    [Fact]
    public void A_policy_that_changes_holds_for_what_comes_later()
    {
        Post("m1");
        Post("m2");
        _mailboxes.TryBegin(_mailboxes.Due()[0], [], out _);
        _policies[Actor] = new(ActorPolicyKind.Drop);
        Assert.Equal(PostResult.Waits, Post("m3")); // it is not the policy yet
        _mailboxes.Leave(Actor);
        Assert.Equal(2, _mailboxes.Count); // what waits was taken in
        Assert.Equal(PostResult.Dropped, Post("m4"));
        _mailboxes.TryBegin(_mailboxes.Due()[0], [], out _);
        _policies[Actor] = default;
        _mailboxes.Leave(Actor);
        Assert.Equal(PostResult.Waits, Post("m5"));
        Assert.Equal(["m3", "m5"], (string[])[.. Handle(), .. Handle()]);
    }

    [Fact]
    public void A_change_to_coalescing_lets_all_but_the_newest_go()
    {
        foreach (string id in (string[])["m1", "m2", "m3", "m4"])
            Post(id, isAwaited: true);
        _mailboxes.TryBegin(_mailboxes.Due()[0], [], out _);
        _policies[Actor] = new(ActorPolicyKind.Coalesce);
        _mailboxes.Leave(Actor);
        Tell();
        Assert.Equal(2, _told.Count);
        Assert.Equal(["m4"], Handle());
    }

    [Fact]
    public void A_call_takes_a_free_actor_alone_and_no_message_begins_meanwhile()
    {
        Assert.True(_mailboxes.TryEnter(Actor, out _));
        Assert.False(_mailboxes.TryEnter(Actor, out _));
        Assert.True(_mailboxes.TryEnter(Actor with { Key = "other" }, out _));
        Post("m1");
        Assert.Empty(_mailboxes.Due());
        _mailboxes.Leave(Actor);
        Assert.False(_mailboxes.TryEnter(Actor, out _)); // m1 came first
        Assert.Equal(["m1"], Handle());
        Assert.True(_mailboxes.TryEnter(Actor, out _));
    }

    [Fact]
    public void A_call_that_is_first_makes_the_message_wait_on()
    {
        Post("m1");
        Pending head = _mailboxes.Due()[0];
        _mailboxes.Take(head);
        Assert.True(_mailboxes.TryEnter(Actor, out _));
        Post("m2");
        Assert.False(_mailboxes.TryBegin(head, [], out _));
        Assert.Equal(1, _mailboxes.Count);
    }

    [Fact]
    public void A_function_that_goes_takes_its_mailboxes_with_it()
    {
        Post("m1", isAwaited: true);
        Post("m2", Actor with { Key = "other" });
        Post("g1", new ActorAddress("other", "redu"));
        _mailboxes.Remove("alarm");
        Tell();
        Assert.Equal(["m1: function 'alarm' was removed while the message waited"], _told);
        Assert.Equal((1, 1), (_mailboxes.Count, _mailboxes.Mailboxes));
        Assert.False(_mailboxes.IsWaiting(Actor));
    }

    [Fact]
    public void What_still_runs_of_a_function_that_went_keeps_its_actor_until_it_ended()
    {
        Post("m1");
        _mailboxes.TryBegin(_mailboxes.Due()[0], [], out _);
        _mailboxes.Remove("alarm");
        Post("m2"); // of the version that came meanwhile
        Assert.Empty(_mailboxes.Due());
        _mailboxes.Leave(Actor);
        Assert.Equal(["m2"], Handle());
    }

    [Fact]
    public void A_function_has_room_for_1024_messages_and_all_together_for_4096()
    {
        for (int function = 0; function < InvocationLimits.MaxMessages / InvocationLimits.MaxMessagesPerFunction; function++)
        {
            for (int i = 0; i < InvocationLimits.MaxMessagesPerFunction; i++)
                Assert.Equal(PostResult.Waits, Post("m", new($"f{function}", $"k{i % 100}")));
            Assert.Equal(PostResult.Full, Post("m", new($"f{function}", "one-more")));
        }
        Assert.Equal(InvocationLimits.MaxMessages, _mailboxes.Count);
        Assert.Equal(PostResult.Full, Post("m", new("another", "k")));
        Assert.False(_mailboxes.HasRoomFor(new("another", "k"), Limits, 0, 0));
    }

    [Fact]
    public void A_function_has_room_for_2_MiB_and_all_together_for_8()
    {
        byte[] large = new byte[64 * 1024];
        int each = InvocationLimits.MaxMessageBytesPerFunction / large.Length;
        for (int function = 0; function < 4; function++)
        {
            for (int i = 0; i < each; i++)
                Assert.Equal(PostResult.Waits, Post("m", new($"f{function}", $"k{i}"), input: large));
            Assert.Equal(PostResult.Full, Post("m", new($"f{function}", "one-more"), input: new byte[1]));
        }
        Assert.Equal(PostResult.Full, Post("m", new("another", "k"), input: new byte[1]));
        Assert.Equal(PostResult.Waits, Post("m", new("another", "k")));
    }

    [Theory]
    [InlineData(ActorPolicyKind.Queue, false)]
    [InlineData(ActorPolicyKind.Coalesce, true)] // it takes the place of the one that waits
    [InlineData(ActorPolicyKind.Drop, true)] // it is dropped
    public void There_is_room_for_what_the_policy_takes_in(ActorPolicyKind kind, bool hasRoom)
    {
        _policies[Actor] = new(kind);
        var one = new FunctionActor { MailboxMax = 1 };
        Assert.True(_mailboxes.HasRoomFor(Actor, one, 0, 0));
        Assert.Equal(hasRoom, _mailboxes.HasRoomFor(Actor, one, 1, 0));
        Post("m1", limits: one);
        Assert.Equal(hasRoom, _mailboxes.HasRoomFor(Actor, one, 0, 0));
        Assert.Equal(hasRoom, Post("m2", limits: one) != PostResult.Full);
    }

    [Fact]
    public void Room_is_counted_in_bytes_as_well()
    {
        for (int i = 0; i < 32; i++)
            Post("m", input: new byte[InvocationLimits.MaxMessageBytesPerFunction / 32 - 1]);
        Assert.True(_mailboxes.HasRoomFor(Actor, new() { MailboxMax = 100 }, 1, 32));
        Assert.False(_mailboxes.HasRoomFor(Actor, new() { MailboxMax = 100 }, 1, 33));
    }

    [Theory]
    [InlineData(ActorPolicyKind.Coalesce)]
    [InlineData(ActorPolicyKind.Drop)]
    public void Whoever_waits_for_a_message_that_goes_is_told_however_many_there_are(ActorPolicyKind kind)
    {
        _policies[Actor] = new(kind);
        int taken = 0;
        for (int i = 0; i < 3 * InvocationLimits.MaxMessages; i++)
            taken += Post($"m{i}", isAwaited: true) == PostResult.Full ? 0 : 1;
        Assert.Equal(InvocationLimits.MaxMessages + 1, taken);
        Assert.Equal(taken - 1, _mailboxes.TakeDropped().Count); // one waits
        Assert.NotEqual(PostResult.Full, Post("m", isAwaited: true)); // there is room to tell again
    }

    [Fact]
    public void Mailboxes_that_are_only_quiet_are_bounded()
    {
        for (int i = 0; i < InvocationLimits.MaxMailboxes + 100; i++)
        {
            var actor = new ActorAddress("alarm", $"k{i}");
            _policies[actor] = new(ActorPolicyKind.Drop, ActorPolicy.DropMsMax);
            Assert.True(_mailboxes.TryEnter(actor, out _));
            _mailboxes.Leave(actor);
        }
        Assert.Equal(InvocationLimits.MaxMailboxes, _mailboxes.Mailboxes);
        _time.Advance(TimeSpan.FromDays(1));
        _mailboxes.Due();
        Assert.Equal(0, _mailboxes.Mailboxes);
    }

    private PostResult Post(string id, ActorAddress? to = null, int priority = 5, bool isAwaited = false, FunctionActor? limits = null, byte[]? input = null)
    {
        ActorAddress actor = to ?? Actor;
        return _mailboxes.Post(new Invocation
        {
            Id = id,
            Function = actor.Function,
            Actor = actor.Key,
            Queued = _time.GetUtcNow(),
            Deadline = _time.GetUtcNow() + TimeSpan.FromHours(1),
            Priority = priority,
            Input = input ?? [],
            WhenEnded = isAwaited ? _ => { } : null,
        }, limits ?? Limits);
    }

    private string[] Handle()
    {
        Pending head = _mailboxes.Due().Single(due => due.Invocation.Address == Actor);
        IReadOnlyList<Pending> with = _mailboxes.With(head);
        Assert.True(_mailboxes.TryBegin(head, [.. with.Where(other => other != head)], out _));
        _mailboxes.Leave(Actor);
        return Ids(with);
    }

    private void Tell()
    {
        foreach ((Invocation message, string reason) in _mailboxes.TakeDropped())
            _told.Add($"{message.Id}: {reason}");
    }

    private static string[] Ids(IEnumerable<Pending> messages) => [.. messages.Select(message => message.Invocation.Id)];
}
