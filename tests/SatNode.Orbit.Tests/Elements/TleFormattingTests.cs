using CsCheck;
using SatNode.Orbit.Elements;

namespace SatNode.Orbit.Tests.Elements;

public sealed class TleFormattingTests
{
    private static readonly DateTimeOffset First = new(1957, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Tle> AnyTle =
        from ids in Gen.Select(Gen.Int[0, 339_999], Gen.Int[0, 9999], Gen.Int[0, 99_999], Gen.Int[0, 36_523])
        from epochStep in Gen.Long[0, 99_999_999]
        from shape in Gen.Select(Gen.Int[0, 1_800_000], Gen.Int[0, 9_999_999], Gen.Long[1, 9_999_999_999])
        from angles in Gen.Select(Gen.Int[0, 3_599_999], Gen.Int[0, 3_599_999], Gen.Int[0, 3_599_999])
        from drag in Gen.Select(Gen.Int[-99_999_999, 99_999_999], Exponential, Exponential)
        select new Tle
        {
            CatalogNumber = ids.Item1,
            ElementSetNumber = ids.Item2,
            RevolutionNumber = ids.Item3,
            Epoch = First.AddDays(ids.Item4).AddTicks(epochStep * 8_640),
            InclinationDegrees = shape.Item1 / 1e4,
            Eccentricity = shape.Item2 / 1e7,
            MeanMotionRevolutionsPerDay = shape.Item3 / 1e8,
            RaanDegrees = angles.Item1 / 1e4,
            ArgumentOfPerigeeDegrees = angles.Item2 / 1e4,
            MeanAnomalyDegrees = angles.Item3 / 1e4,
            MeanMotionDot = drag.Item1 / 1e8,
            MeanMotionDotDot = drag.Item2,
            BStar = drag.Item3,
        };

    private static Gen<double> Exponential =>
        Gen.Select(Gen.Int[10_000, 99_999], Gen.Int[-9, 9], Gen.Bool, (digits, exponent, negative) =>
            (negative ? -1 : 1) * (exponent < 0 ? digits / Math.Pow(10, 5 - exponent) : digits * Math.Pow(10, exponent) / 1e5));

    [Fact]
    public void What_is_written_is_read_again() =>
        AnyTle.Sample(
            tle =>
            {
                (string line1, string line2) = tle.ToLines();
                Assert.Equal(tle, TleParser.Parse(line1, line2));
            },
            iter: 5_000);

    [Theory]
    [InlineData(0, "00000")]
    [InlineData(5, "00005")]
    [InlineData(99_999, "99999")]
    [InlineData(100_000, "A0000")]
    [InlineData(148_493, "E8493")]
    [InlineData(179_999, "H9999")]
    [InlineData(180_000, "J0000")]
    [InlineData(230_000, "P0000")]
    [InlineData(339_999, "Z9999")]
    public void Catalogue_numbers_are_alpha_5(int number, string text)
    {
        (string line1, string line2) = (Iss() with { CatalogNumber = number }).ToLines();
        Assert.Equal(text, line1[2..7]);
        Assert.Equal(text, line2[2..7]);
        Assert.Equal(number, TleParser.Parse(line1, line2).CatalogNumber);
    }

    [Fact]
    public void The_example_is_written_as_it_was_read()
    {
        (string line1, string line2) = Iss().ToLines();
        Assert.Equal("1 25544U 98067A   08264.51782528 -.00002182  00000+0 -11606-4 0  2926", line1); // 00000+0 for 00000-0, so one less in the checksum
        Assert.Equal(TleParserTests.Line2, line2);
        Assert.Equal($"ISS\n{line1}\n{line2}\n", (Iss() with { Name = "ISS" }).ToText());
        Assert.Equal($"{line1}\n{line2}\n", Iss().ToText());
    }

    [Theory]
    [InlineData(0.0, " 00000+0")]
    [InlineData(0.1, " 10000+0")]
    [InlineData(-0.1, "-10000+0")]
    [InlineData(0.999996, " 10000+1")]
    [InlineData(1.0, " 10000+1")]
    [InlineData(0.99999e9, " 99999+9")]
    [InlineData(1e-10, " 10000-9")]
    [InlineData(5e-11, " 05000-9")]
    [InlineData(1e-20, " 00000+0")]
    public void Exponents_are_written_without_point_and_e(double value, string text) =>
        Assert.Equal(text, (Iss() with { BStar = value }).ToLines().Line1[53..61]);

    [Fact]
    public void Rounding_never_leaves_the_format()
    {
        Tle tle = Iss() with
        {
            Epoch = new DateTimeOffset(2057, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(-1),
            RaanDegrees = 359.99999,
            MeanAnomalyDegrees = 360.0,
            ArgumentOfPerigeeDegrees = 0.00001,
            MeanMotionDot = -1e-12,
        };
        (string line1, string line2) = tle.ToLines();
        Tle read = TleParser.Parse(line1, line2);
        Assert.Equal((0.0, 0.0, 0.0, 0.0), (read.RaanDegrees, read.MeanAnomalyDegrees, read.ArgumentOfPerigeeDegrees, read.MeanMotionDot));
        Assert.Equal(2056, read.Epoch.Year);
        Assert.InRange(tle.Epoch - read.Epoch, TimeSpan.Zero, TimeSpan.FromMilliseconds(0.9));
    }

    [Fact]
    public void A_set_made_by_hand_is_held_to_the_ranges()
    {
        Tle iss = Iss();
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { InclinationDegrees = 180.1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { InclinationDegrees = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { Eccentricity = 1.0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { MeanMotionRevolutionsPerDay = 0.0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { CatalogNumber = 1_000_000_000 });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { BStar = 1e9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { MeanMotionDot = 1.0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { Epoch = new(2057, 1, 1, 0, 0, 0, TimeSpan.Zero) });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { Name = "two\nlines" });
        Assert.Throws<ArgumentOutOfRangeException>(() => iss with { InternationalDesignator = "123456789" });
    }

    private static Tle Iss() => TleParser.Parse(TleParserTests.Line1, TleParserTests.Line2);
}
