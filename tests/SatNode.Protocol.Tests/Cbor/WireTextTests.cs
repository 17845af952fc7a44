using SatNode.Protocol.Cbor;

namespace SatNode.Protocol.Tests.Cbor;

public sealed class WireTextTests
{
    private const string Smile = "\uD83D\uDE00";

    [Theory]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc")]
    [InlineData("", 0, "")]
    [InlineData("a", 0, "")]
    [InlineData("ab" + Smile, 4, "ab" + Smile)]
    [InlineData("ab" + Smile, 3, "ab")]
    [InlineData(Smile, 1, "")]
    public void Cuts_between_characters(string text, int max, string expected) => Assert.Equal(expected, WireText.Cut(text, max));

    [Fact] // not theory data: lone halves do not survive the way of data to a test
    public void A_lone_half_becomes_the_replacement_character()
    {
        Assert.Equal("a\uFFFDb", WireText.Cut("a\uD83Db", 9));
        Assert.Equal("\uFFFD", WireText.Cut("\uDE00", 9));
        Assert.Equal("\uFFFD" + Smile + "\uFFFD", WireText.Cut("\uDE00" + Smile + "\uD83D", 9));
    }
}
