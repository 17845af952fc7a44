using System.Diagnostics;

namespace SatNode.Rig.Tests;

/// <summary>Waits for what happens by itself: generous, so that a loaded machine fails no test, and quick when it happens at once.</summary>
internal static class Eventually
{
    internal static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    internal static async Task Becomes(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Limit, $"expected {what} within {Limit.TotalSeconds} s");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    internal static Task<T> InTime<T>(Task<T> task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    internal static Task InTime(Task task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);
}
