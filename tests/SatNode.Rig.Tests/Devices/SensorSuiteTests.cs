using SatNode.Protocol.Boards;
using SatNode.Rig.Devices;
using SatNode.Rig.Tests.World;
using SatNode.Rig.World;

namespace SatNode.Rig.Tests.Devices;

public sealed class SensorSuiteTests
{
    [Fact]
    public void The_chips_of_the_bus_measure_the_truth()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        satellite.Board = new ScriptedLoad();
        var suite = new SensorSuite(() => satellite.Sensed, new WorldTime(world), satellite.BatteryCoulombs, seed: 4);
        for (int hour = 1; hour <= 4; hour++)
        {
            world.Advance(world.Start + TimeSpan.FromHours(hour));
            TruthSample truth = satellite.Now;
            Assert.Equal(truth.BoardKelvin, (Word(suite, 0x48, 0) / 256.0) + 273.15, 0.55);
            Assert.Equal(truth.StructureKelvin, (Word(suite, 0x49, 0) / 256.0) + 273.15, 0.55);
            Assert.Equal(truth.SolarWatts, Word(suite, 0x40, 1) * 2.5e-6 / 0.010 * Word(suite, 0x40, 2) * 1.25e-3, 0.3);
            Assert.Equal(truth.BoardWatts, Word(suite, 0x41, 1) * 2.5e-6 / 0.020 * Word(suite, 0x41, 2) * 1.25e-3, 0.1);
            Assert.Equal(truth.PanelKelvin, (Word(suite, 0x4A, 0) / 256.0) + 273.15, 0.55);
            Assert.Equal(truth.BatteryVolts * truth.BatteryAmperes, Word(suite, 0x44, 1) * 2.5e-6 / 0.005 * Word(suite, 0x44, 2) * 1.25e-3, 0.3);
            Assert.Equal(truth.LoadWatts, Word(suite, 0x45, 1) * 2.5e-6 / 0.010 * Word(suite, 0x45, 2) * 1.25e-3, 0.3);
            Assert.Equal(truth.BatteryKelvin, (Word(suite, 0x64, 0x14) & 0xFFFF) * 510.0 / 65535, 3.3);
            Assert.Equal(truth.BatteryVolts, (Word(suite, 0x64, 0x08) & 0xFFFF) * 70.8 / 65535, 0.25);
            Assert.Equal(truth.BatteryAmperes, ((Word(suite, 0x64, 0x0E) & 0xFFFF) - 32767) / 32767.0 * 12.8, 0.08);
            Assert.Equal(truth.StateOfCharge, (Word(suite, 0x64, 0x02) & 0xFFFF) * 0.2125 / 8145, 0.01);
        }
    }

    [Fact]
    public void The_clock_keeps_the_worlds_time_and_the_memory_knows_the_board()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        var suite = new SensorSuite(() => satellite.Sensed, new WorldTime(world), satellite.BatteryCoulombs, seed: 4, new() { Identity = new("qemu-virt-arm64", "p10-s03") });
        world.Advance(world.Start + TimeSpan.FromHours(5)); // from 12:00:00 on 2026-06-21
        byte[] time = new byte[7];
        byte[] record = new byte[BoardIdentity.EncodedBytes];
        byte[] again = new byte[6];

        Assert.True(suite.Bus.Transfer([Bus.Write(0x68, 0), Bus.Read(0x68, time)]));
        Assert.Equal((0x21, 0x06, 0x26), (time[4], time[5], time[6]));
        Assert.InRange(time[2] * 10_000 + time[1] * 100 + time[0], 0x16 * 10_000 + 0x59 * 100 + 0x59, 0x17 * 10_000); // 36 ms in five hours at most
        Assert.True(suite.Bus.Transfer([Bus.Write(0x50, 0), Bus.Read(0x50, record)]));
        Assert.Equal(new("qemu-virt-arm64", "p10-s03"), BoardIdentity.TryRead(record));
        Assert.True(suite.Bus.Transfer([Bus.Write(0x57, 0xFA), Bus.Read(0x57, again)])); // no address pins
        Assert.Equal([0x54, 0x10, 0xEC], again[..3]);
    }

    [Fact]
    public void A_broken_chip_leaves_the_others_alone()
    {
        (TrueWorld world, SatelliteTruth satellite) = Worlds.One();
        var suite = new SensorSuite(() => satellite.Sensed, new WorldTime(world), satellite.BatteryCoulombs, seed: 4);
        suite.BoardThermometer.Fault = new ChipFault.Absent();
        byte[] read = new byte[2];

        Assert.False(suite.Bus.Transfer([Bus.Write(0x48, 0), Bus.Read(0x48, read)]));
        Assert.True(suite.Bus.Transfer([Bus.Write(0x49, 0), Bus.Read(0x49, read)]));
        Assert.False(suite.Bus.Transfer([Bus.Write(0x30, 0)]));
        Assert.Equal((3, 2), (suite.Bus.Transactions, suite.Bus.NotAcknowledged));
        Assert.Throws<ArgumentException>(() => suite.Bus.Attach(0x48, suite.BoardThermometer));
        Assert.Throws<ArgumentOutOfRangeException>(() => suite.Bus.Attach(0x80, suite.BoardThermometer));
    }

    private static short Word(SensorSuite suite, byte address, byte pointer)
    {
        byte[] read = new byte[2];
        Assert.True(suite.Bus.Transfer([Bus.Write(address, pointer), Bus.Read(address, read)]));
        return System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(read);
    }

    private sealed class WorldTime(TrueWorld world) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => world.Now;
    }
}
