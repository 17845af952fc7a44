using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

/// <summary>Two masters on one bus (DEV-6).</summary>
public sealed class I2cBusTests
{
    private static readonly object Master = new();

    private readonly I2cBus _bus = new();

    public I2cBusTests() => _bus.Attach(0x40, new Ina226Model(() => 12, () => 1, TimeProvider.System, seed: 1, new() { ShuntOhms = 0.01 }));

    [Fact]
    public async Task No_master_gets_between_the_messages_of_another()
    {
        Assert.True(_bus.Transfer(Master, Bus.Write(0x40, 0xFE), isFirst: true, isLast: false));
        byte[] die = new byte[2], manufacturer = new byte[2];
        var other = new Thread(() => _bus.Transfer([Bus.Write(0x40, 0xFF), Bus.Read(0x40, die)]));
        other.Start();
        await Eventually.Becomes(() => other.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the other master to wait");

        Assert.True(_bus.Transfer(Master, Bus.Read(0x40, manufacturer), isFirst: false, isLast: true));
        Assert.True(other.Join(Eventually.Limit));
        Assert.Equal("TI"u8.ToArray(), manufacturer);
        Assert.Equal([0x22, 0x60], die);
        Assert.Equal((2, 0), (_bus.Transactions, _bus.NotAcknowledged));
    }

    [Fact]
    public void A_master_that_falls_silent_loses_the_wires()
    {
        Assert.True(_bus.Transfer(Master, Bus.Write(0x40, 0xFE), isFirst: true, isLast: false));

        Assert.True(_bus.Transfer([Bus.Write(0x40, 0xFF)]));
        Assert.False(_bus.Transfer(Master, Bus.Read(0x40, new byte[2]), isFirst: false, isLast: true)); // it would read the other's register
    }

    [Fact]
    public void A_message_that_is_not_acknowledged_ends_the_transaction()
    {
        Assert.True(_bus.Transfer(Master, Bus.Write(0x40, 0xFE), isFirst: true, isLast: false));
        Assert.False(_bus.Transfer(Master, Bus.Write(0x41, 0xFE), isFirst: false, isLast: false));

        Assert.False(_bus.Transfer(Master, Bus.Read(0x40, new byte[2]), isFirst: false, isLast: true));
    }

    [Fact]
    public void A_start_within_a_transaction_of_the_same_master_starts_anew()
    {
        Assert.True(_bus.Transfer(Master, Bus.Write(0x40, 0xFE), isFirst: true, isLast: false));
        Assert.True(_bus.Transfer(Master, Bus.Write(0x40, 0xFF), isFirst: true, isLast: true));
        Assert.False(_bus.Transfer(Master, Bus.Read(0x40, new byte[2]), isFirst: false, isLast: true));
    }
}
