using SatNode.Protocol.Functions;

namespace SatNode.Protocol.Tests.Functions;

public sealed class ActorAddressTests
{
    [Theory]
    [InlineData("fire-alarm/mendocino", "fire-alarm", "mendocino")]
    [InlineData("fire-alarm", "fire-alarm", "default")]
    [InlineData("a/A.z-0_9:B", "a", "A.z-0_9:B")]
    public void Reads_an_address(string text, string function, string key)
    {
        Assert.True(ActorAddress.TryParse(text, out ActorAddress address));
        Assert.Equal(new ActorAddress(function, key), address);
        Assert.Equal($"{function}/{key}", address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("a/")]
    [InlineData("/k")]
    [InlineData("A/k")]
    [InlineData("a/k/l")]
    [InlineData("a/k l")]
    [InlineData("a/ä")]
    [InlineData("a/\u0001")]
    public void Refuses_what_is_no_address(string? text) => Assert.False(ActorAddress.TryParse(text, out _));

    [Fact]
    public void A_key_has_64_characters_at_most_and_an_address_128()
    {
        string longest = $"{new string('f', FunctionNames.CharsMax)}/{new string('k', ActorAddress.KeyCharsMax)}";
        Assert.Equal(ActorAddress.CharsMax, longest.Length);
        Assert.True(ActorAddress.TryParse(longest, out _));
        Assert.False(ActorAddress.TryParse(longest + "k", out _));
    }

    [Fact]
    public void Says_what_an_address_is() =>
        Assert.Equal("name: expected a function, or FUNCTION/KEY with a key of 1 to 64 letters, digits and . - _ :, found \"a/\"", ActorAddress.Fault("name", "a/"));
}
