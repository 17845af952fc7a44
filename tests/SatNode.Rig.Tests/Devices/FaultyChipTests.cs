using SatNode.Rig.Devices;

namespace SatNode.Rig.Tests.Devices;

public sealed class FaultyChipTests
{
    private readonly Counter _counter = new();

    [Fact]
    public void Without_a_fault_every_byte_passes()
    {
        var chip = new FaultyChip(_counter, seed: 1);

        Assert.Equal(1, chip.Word(0));
        Assert.Equal(2, chip.Word(0));
    }

    [Fact]
    public void Absent_it_acknowledges_nothing_and_returns_when_repaired()
    {
        var chip = new FaultyChip(_counter, seed: 1) { Fault = new ChipFault.Absent() };
        Assert.False(chip.Write([0]));
        Assert.False(chip.Read(new byte[2]));
        Assert.Equal(0, _counter.Value);
        chip.Fault = null;
        Assert.Equal(1, chip.Word(0));
    }

    [Fact]
    public void Stuck_each_register_keeps_its_first_value()
    {
        var chip = new FaultyChip(_counter, seed: 1) { Fault = new ChipFault.Stuck() };
        short zero = chip.Word(0);
        short one = chip.Word(1);
        Assert.NotEqual(zero, one);
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(zero, chip.Word(0));
            Assert.Equal(one, chip.Word(1));
        }
        chip.Fault = new ChipFault.Stuck(); // a new fault sticks anew
        Assert.NotEqual(zero, chip.Word(0));
    }

    [Fact]
    public void Flaky_it_misses_about_the_share_it_should_and_the_same_ones_with_the_same_seed()
    {
        int Misses(int seed)
        {
            var chip = new FaultyChip(_counter, seed) { Fault = new ChipFault.Flaky(0.3) };
            return Enumerable.Range(0, 1000).Count(_ => !chip.Write([0]));
        }

        Assert.InRange(Misses(5), 230, 370);
        Assert.Equal(Misses(5), Misses(5));
        Assert.NotEqual(Enumerable.Range(0, 5).Select(Misses), Enumerable.Range(5, 5).Select(Misses));
    }

    [Fact]
    public void Bits_flip_about_as_often_as_asked()
    {
        _counter.IsFixed = true;
        var chip = new FaultyChip(_counter, seed: 9) { Fault = new ChipFault.BitFlips(0.05) };
        int flips = Enumerable.Range(0, 1000).Sum(_ => int.PopCount(chip.Word(0) & 0xFFFF));

        Assert.InRange(flips, 650, 950); // of 16,000 bits
        chip.Fault = new ChipFault.BitFlips(1);
        Assert.Equal(-1, chip.Word(0));
        chip.Fault = new ChipFault.BitFlips(0);
        Assert.Equal(0, chip.Word(0));
    }

    [Fact]
    public void Noise_has_the_deviation_asked_for_and_stays_on_the_scale()
    {
        _counter.IsFixed = true;
        var chip = new FaultyChip(_counter, seed: 9) { Fault = new ChipFault.Noise(100) };
        double[] read = [.. Enumerable.Range(0, 2000).Select(_ => (double)chip.Word(0))];

        Assert.InRange(read.Average(), -10, 10);
        Assert.InRange(Math.Sqrt(read.Average(value => value * value)), 90, 110);
    }

    /// <summary>A register file that counts its reads.</summary>
    private sealed class Counter : WordRegisterChip
    {
        public ushort Value { get; private set; }

        public bool IsFixed { get; set; }

        protected override ushort ReadRegister(byte pointer) => IsFixed ? (ushort)0 : ++Value;

        protected override void WriteRegister(byte pointer, ushort value)
        {
        }
    }
}
