using System.Diagnostics;
using MQTTnet.Protocol;
using SatNode.Protocol.Telemetry;

namespace SatNode.Network.Tests.Ground;

/// <summary>The link with a real broker over TLS.</summary>
public sealed class GroundLinkTests
{
    [Fact]
    public async Task Connects_only_while_a_station_is_in_sight()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.IsInSight = false;
        world.Record(0, 3);
        world.Run();
        await world.Until(() => world.Looks > 20, "20 looks for a station");
        Assert.Equal((0, false, 3), (world.Radio.Connections, world.Link.IsConnected, world.Waiting));
        world.IsInSight = true;
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        Assert.Equal(1, world.Radio.Connections);

        world.IsInSight = false;
        world.Radio.Cut();
        await world.Until(() => world.Heard.Count == 2, "a lost contact");
        int looks = world.Looks;
        await world.Until(() => world.Looks > looks + 20, "20 looks for a station");
        Assert.Equal((1, false), (world.Radio.Connections, world.Link.IsConnected));
    }

    [Fact]
    public async Task Comes_with_its_certificate_and_announces_itself_before_the_first_record()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.Record(0, 1);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        Assert.Equal([GroundWorld.Node], world.Broker!.Names);
        Assert.Equal([Topics.Telecommands(GroundWorld.Node)], world.Broker.Subscriptions);
        Published first = world.Broker.Received.First();
        Assert.Equal((Topics.Status(GroundWorld.Node), Topics.Online, true), (first.Topic, System.Text.Encoding.UTF8.GetString(first.Payload), first.IsRetained));
        Assert.Equal(Topics.Online, await world.Broker.Retained(Topics.Status(GroundWorld.Node)));
        Assert.Equal(["gained"], world.Heard);
        Assert.True(world.Link.IsConnected);
    }

    [Fact]
    public async Task The_last_will_speaks_when_the_link_is_cut_and_it_comes_back()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.Run();
        await world.Until(() => world.Link.IsConnected, "contact");
        world.IsInSight = false;
        world.Radio.Cut();
        await world.Until(() => world.Broker!.Retained(Topics.Status(GroundWorld.Node)).Result == Topics.Offline, "the last will");
        await world.Until(() => world.Heard.Count == 2, "a lost contact");
        Assert.StartsWith("lost: ", world.Heard.Last(), StringComparison.Ordinal);
        world.IsInSight = true;
        await world.Until(() => world.Heard.Count == 3, "contact again");
        Assert.Equal(Topics.Online, await world.Broker!.Retained(Topics.Status(GroundWorld.Node)));
    }

    [Fact]
    public async Task Sends_the_outbox_in_order_at_least_once_and_empties_it()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.Record(0, 300);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        world.Record(300, 10);
        await world.Until(() => world.Waiting == 0, "an empty outbox again");
        Assert.Equal(Enumerable.Range(0, 310), world.Arrived());
        Assert.Equal(Enumerable.Range(0, 310).Select(i => (long)i), world.Acknowledged);
        Assert.All(world.Broker!.Received, published => Assert.Equal(MqttQualityOfServiceLevel.AtLeastOnce, published.Quality));
    }

    [Fact]
    public async Task Small_records_go_down_together_in_payloads_of_a_bounded_size()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.Record(0, 1000, bytes: 300);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        Published[] payloads = [.. world.Broker!.Received.Where(published => published.Topic.Contains("/tm/", StringComparison.Ordinal))];
        Assert.Equal(Enumerable.Range(0, 1000), world.Arrived());
        Assert.InRange(payloads.Length, 1000 * 300 / TelemetrySequence.BytesMax, 40);
        Assert.All(payloads, published => Assert.InRange(published.Payload.Length, 300, TelemetrySequence.BytesMax));
    }

    [Fact]
    public async Task A_link_that_is_too_slow_for_a_large_payload_gets_smaller_ones()
    {
        await using GroundWorld world = await GroundWorld.Start(options => options with { AnswerTimeout = TimeSpan.FromSeconds(1) });
        world.Broker!.OnPublish = (published, e) => published.Payload.Length > 3000 ? Never(e.CancellationToken) : Task.CompletedTask; // no whole one within the time
        world.Record(0, 100, bytes: 300);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        Assert.Equal(Enumerable.Range(0, 100), world.Acknowledged.Select(id => (int)id).Order());
        Assert.Contains(world.Broker.Received, published => published.Payload.Length > 3000);
    }

    [Fact]
    public async Task A_link_that_just_carries_a_payload_in_time_gets_no_larger_one()
    {
        await using GroundWorld world = await GroundWorld.Start(options => options with { AnswerTimeout = TimeSpan.FromSeconds(1) });
        world.Broker!.OnPublish = (published, e) => !published.Topic.Contains("/tm/", StringComparison.Ordinal) ? Task.CompletedTask
            : published.Payload.Length > 1000 ? Never(e.CancellationToken) : Task.Delay(350, e.CancellationToken);
        world.Record(0, 6, bytes: 300);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        int before = world.Broker.Received.Count;
        world.Record(6, 6, bytes: 300);
        await world.Until(() => world.Waiting == 0, "an empty outbox again");
        Assert.DoesNotContain(world.Broker.Received.Skip(before), published => published.Payload.Length > 1000);
    }

    [Fact]
    public async Task Forgets_only_what_the_broker_has_acknowledged()
    {
        await using GroundWorld world = await GroundWorld.Start();
        int refusals = 0;
        bool isFull = true;
        world.Broker!.OnPublish = (published, e) =>
        {
            if (isFull && published.Topic.Contains("/tm/", StringComparison.Ordinal) && GroundWorld.Number(published.Payload) == 5 && ++refusals > 0)
                e.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
            return Task.CompletedTask;
        };
        world.Record(0, 10);
        world.Run();
        await world.Until(() => refusals >= 3, "three refusals");
        Assert.Equal(1, world.Waiting);
        Assert.DoesNotContain(5L, world.Acknowledged);
        isFull = false;
        await world.Until(() => world.Waiting == 0, "the last one");
        Assert.Equal(10, world.Acknowledged.Distinct().Count());
        Assert.Equal(["gained"], world.Heard);
    }

    [Fact]
    public async Task Loses_nothing_when_the_link_is_cut_again_and_again_in_mid_batch()
    {
        await using GroundWorld world = await GroundWorld.Start();
        int telemetry = 0;
        var taken = new HashSet<int>();
        world.Broker!.OnPublish = (published, e) =>
        {
            if (!published.Topic.Contains("/tm/", StringComparison.Ordinal))
                return Task.CompletedTask;
            if (++telemetry is 20 or 90 or 130)
            {
                world.Radio.Cut(); // before the broker could say that it has it
                e.ProcessPublish = false;
                return Task.CompletedTask;
            }
            lock (taken)
                taken.Add(GroundWorld.Number(published.Payload));
            return Task.CompletedTask;
        };
        world.Record(0, 200);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        Assert.Equal(Enumerable.Range(0, 200), taken.Order());
        Assert.InRange(world.Radio.Connections, 4, 10);
        Assert.Equal(world.Radio.Connections - 1, world.Heard.Count(heard => heard.StartsWith("lost", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Never_talks_to_a_broker_of_another_authority()
    {
        using var foreign = new TestAuthority();
        await using GroundWorld world = await GroundWorld.Start(brokerCertificate: foreign.Issue(TestAuthority.BrokerName));
        world.Record(0, 3);
        world.Run();
        await world.Until(() => world.Radio.Connections >= 3, "three attempts");
        await world.End();
        Assert.Equal((3, false), (world.Waiting, world.Link.IsConnected));
        Assert.Empty(world.Broker!.Names);
        Assert.Empty(world.Broker.Received);
        Assert.Empty(world.Heard);
    }

    [Fact]
    public async Task Never_talks_to_a_holder_of_another_name()
    {
        await using GroundWorld world = await GroundWorld.Start(brokerCertificate: GroundWorld.Authority.Issue("p10-s04"));
        world.Record(0, 3);
        world.Run();
        await world.Until(() => world.Radio.Connections >= 3, "three attempts");
        await world.End();
        Assert.Equal(3, world.Waiting);
        Assert.Empty(world.Broker!.Names);
    }

    [Fact]
    public async Task Hands_over_telecommands_as_they_came()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.Run();
        await world.Until(() => world.Link.IsConnected, "contact");
        byte[] large = new byte[500 * 1024];
        Random.Shared.NextBytes(large);
        await world.Broker!.Send(Topics.Telecommands("p10-s04"), [9]); // somebody else's
        await world.Broker.Send(Topics.Telecommands(GroundWorld.Node), [1, 2, 3]);
        await world.Broker.Send(Topics.Telecommands(GroundWorld.Node), large);
        await world.Broker.Send(Topics.Telecommands(GroundWorld.Node), []);
        await world.Until(() => world.Telecommands.Count >= 3, "three telecommands");
        Assert.Equal([[1, 2, 3], large, []], world.Telecommands);
    }

    [Fact]
    public async Task Sends_live_housekeeping_once_and_only_in_contact()
    {
        await using GroundWorld world = await GroundWorld.Start();
        Assert.False(world.Link.TrySendLive(new byte[] { 1 }));
        world.Run();
        await world.Until(() => world.Link.IsConnected, "contact");
        Assert.True(world.Link.TrySendLive(new byte[] { 2 }));
        await world.Until(() => Live(world).Count == 1, "housekeeping");
        Published housekeeping = Live(world)[0];
        Assert.Equal((2, MqttQualityOfServiceLevel.AtMostOnce, false), (housekeeping.Payload[0], housekeeping.Quality, housekeeping.IsRetained));
    }

    [Fact]
    public async Task Drops_the_oldest_live_housekeeping_when_the_link_is_slow()
    {
        await using GroundWorld world = await GroundWorld.Start();
        using var slow = new SemaphoreSlim(0);
        using var isWaiting = new SemaphoreSlim(0);
        bool isSlow = true;
        world.OnPeek = () =>
        {
            if (!isSlow)
                return;
            isWaiting.Release();
            slow.Wait(TimeSpan.FromSeconds(30));
        };
        world.Run();
        await world.Until(() => isWaiting.Wait(0), "a busy link");
        for (byte i = 0; i < 70; i++)
            Assert.True(world.Link.TrySendLive(new[] { i }));
        isSlow = false;
        slow.Release();
        await world.Until(() => Live(world).Count >= 64, "housekeeping");
        Assert.Equal(Enumerable.Range(6, 64), Live(world).Select(published => (int)published.Payload[0]));
    }

    [Fact]
    public async Task Keeps_trying_with_pauses_while_there_is_no_broker_and_finds_it_when_it_comes()
    {
        await using GroundWorld world = await GroundWorld.Start(hasBroker: false, change: options => options with { Port = TestBroker.FreePort() });
        world.Record(0, 3);
        world.Run();
        await world.Until(() => world.Looks >= 5, "five attempts");
        int seconds = (int)(world.Time.GetUtcNow() - Orbits.Epoch).TotalSeconds;
        Assert.InRange(world.Looks, 5, (seconds / 5) + 1); // one every five seconds of the world
        Assert.Empty(world.Heard);
        await using TestBroker broker = await TestBroker.Start(GroundWorld.Authority, GroundWorld.Authority.Issue(TestAuthority.BrokerName), world.Options.Port);
        await world.Until(() => world.Waiting == 0, "an empty outbox");
    }

    [Fact]
    public async Task Ends_at_once_when_cancelled_in_a_pause_in_contact_or_in_a_handshake_that_nobody_answers()
    {
        await using (GroundWorld world = await GroundWorld.Start(hasBroker: false))
        {
            world.IsInSight = false;
            world.Run();
            await world.Until(() => world.Looks >= 2, "a pause");
            await world.End();
        }
        await using (GroundWorld world = await GroundWorld.Start())
        {
            world.Run();
            await world.Until(() => world.Link.IsConnected, "contact");
            await world.End();
        }
        await using (GroundWorld world = await GroundWorld.Start(options => options with { AnswerTimeout = TimeSpan.FromMinutes(5) }))
        {
            world.Radio.IsSilent = true;
            world.Run();
            await world.Until(() => world.Radio.Connections == 1, "an attempt");
            await world.End();
            Assert.Empty(world.Heard);
        }
    }

    [Fact]
    public async Task Gives_up_a_handshake_that_nobody_answers_and_tries_again()
    {
        await using GroundWorld world = await GroundWorld.Start(options => options with { AnswerTimeout = TimeSpan.FromSeconds(1) });
        world.Radio.IsSilent = true;
        world.Record(0, 1);
        world.Run();
        await world.Until(() => world.Radio.Connections >= 2, "a second attempt");
        world.Radio.IsSilent = false;
        await world.Until(() => world.Waiting == 0, "an empty outbox");
    }

    [Fact]
    public async Task Recovers_from_a_broker_that_does_not_answer_the_subscription()
    {
        await using GroundWorld world = await GroundWorld.Start(options => options with { AnswerTimeout = TimeSpan.FromSeconds(2) });
        int asked = 0;
        world.Broker!.OnSubscribe = e => Interlocked.Increment(ref asked) == 1 ? Never(e.CancellationToken) : Task.CompletedTask;
        world.Record(0, 1);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox by another connection");
        Assert.Equal(["gained"], world.Heard);
    }

    [Fact]
    public async Task Is_not_in_contact_with_a_broker_that_refuses_its_telecommands()
    {
        await using GroundWorld world = await GroundWorld.Start();
        int asked = 0;
        world.Broker!.OnSubscribe = e =>
        {
            if (Interlocked.Increment(ref asked) <= 2)
                e.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            return Task.CompletedTask;
        };
        world.Record(0, 1);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox");
        Assert.Equal(3, asked);
        Assert.Equal(["gained"], world.Heard);
    }

    [Fact]
    public async Task Recovers_from_a_broker_that_stops_to_acknowledge()
    {
        await using GroundWorld world = await GroundWorld.Start(options => options with { AnswerTimeout = TimeSpan.FromSeconds(2) });
        int asked = 0;
        world.Broker!.OnPublish = (published, e) =>
            published.Topic.EndsWith("/event", StringComparison.Ordinal) && Interlocked.Increment(ref asked) == 3 ? Never(e.CancellationToken) : Task.CompletedTask;
        world.Record(0, 10);
        world.Run();
        await world.Until(() => world.Waiting == 0, "an empty outbox by another connection");
        Assert.Equal(Enumerable.Range(0, 10), world.Arrived().Distinct().Order());
        Assert.Equal(2, world.Arrived().Count(number => number is 0 or 1)); // what it acknowledged before is not sent again
        Assert.Equal(["gained", "lost", "gained"], world.Heard.Select(heard => heard.Split(':')[0]));
    }

    [Fact]
    public async Task Says_goodbye_with_all_that_waited()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.Run();
        await world.Until(() => world.Link.IsConnected, "contact");
        await world.End();
        world.Record(0, 100);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await world.Link.Finish(patience.Token);
        Assert.Equal(Enumerable.Range(0, 100), world.Arrived());
        Assert.Equal(0, world.Waiting);
        Assert.Equal(Topics.Offline, await world.Broker!.Retained(Topics.Status(GroundWorld.Node)));
        Assert.Equal(Topics.Status(GroundWorld.Node), world.Broker.Received.Last().Topic);
    }

    [Fact]
    public async Task A_goodbye_that_nobody_hears_ends_with_its_patience_and_keeps_the_records()
    {
        await using GroundWorld world = await GroundWorld.Start();
        world.Broker!.OnPublish = (published, e) => published.Topic.Contains("/tm/", StringComparison.Ordinal) ? Never(e.CancellationToken) : Task.CompletedTask;
        world.Run();
        await world.Until(() => world.Link.IsConnected, "contact");
        await world.End();
        world.Record(0, 3);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        long start = Stopwatch.GetTimestamp();
        await world.Link.Finish(patience.Token);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(15)); // less than the 20 s of an answer
        Assert.Equal(3, world.Waiting);
    }

    private static List<Published> Live(GroundWorld world) =>
        [.. world.Broker!.Received.Where(published => published.Topic == Topics.Telemetry(GroundWorld.Node, TelemetryStream.Housekeeping))];

    private static Task Never(CancellationToken cancellation) =>
        Task.Delay(Timeout.InfiniteTimeSpan, cancellation).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
}
