using Microsoft.Extensions.Time.Testing;
using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

public sealed class Eeprom24AA02E48ModelTests
{
    private static readonly byte[] Eui = [0x54, 0x10, 0xEC, 1, 2, 3];

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Reads_on_from_its_pointer_and_around_its_end()
    {
        Eeprom24AA02E48Model chip = Chip([0xA0, 0xA1]);
        Assert.Equal([0xA0, 0xA1, 0xFF], chip.Registers(0, 3));
        Assert.Equal([.. Eui, 0xA0], chip.Registers(0xFA, 7));
        byte[] next = new byte[1];
        Assert.True(chip.Read(next)); // a read of the current address
        Assert.Equal(0xA1, next[0]);
    }

    [Fact]
    public void Does_not_answer_while_it_writes()
    {
        Eeprom24AA02E48Model chip = Chip([]);
        Assert.True(chip.Write([0x10, 1, 2, 3]));
        Assert.False(chip.Write([]));
        Assert.False(chip.Write([0x10]));
        Assert.False(chip.Read(new byte[1]));
        _clock.Advance(Eeprom24AA02E48Model.WriteCycle - TimeSpan.FromTicks(1));
        Assert.False(chip.Write([]));
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal([1, 2, 3, 0xFF], chip.Registers(0x10, 4));
    }

    [Fact]
    public void A_write_beyond_its_page_goes_on_at_the_pages_start()
    {
        Eeprom24AA02E48Model chip = Chip([]);
        chip.Write([0x16, 1, 2, 3, 4]);
        _clock.Advance(Eeprom24AA02E48Model.WriteCycle);
        Assert.Equal([3, 4, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 0xFF], chip.Registers(0x10, 9));
    }

    [Fact]
    public void The_upper_half_acknowledges_and_stays()
    {
        Eeprom24AA02E48Model chip = Chip([]);
        Assert.True(chip.Write([0xFA, 0, 0]));
        Assert.Equal(Eui, chip.Registers(0xFA, 6)); // no write cycle either
        Assert.True(chip.Write([0x7F, 9]));
        _clock.Advance(Eeprom24AA02E48Model.WriteCycle);
        Assert.Equal([9, 0xFF], chip.Registers(0x7F, 2));
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        Assert.Throws<ArgumentException>(() => new Eeprom24AA02E48Model(_clock, Eui, new byte[129]));
        Assert.Throws<ArgumentException>(() => new Eeprom24AA02E48Model(_clock, Eui.AsSpan(1), []));
        _ = new Eeprom24AA02E48Model(_clock, Eui, new byte[128]);
    }

    private Eeprom24AA02E48Model Chip(byte[] content) => new(_clock, Eui, content);
}
