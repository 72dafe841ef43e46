using System;
using System.Linq;

/// <summary>Runs one of the examples, for example: examples send TO TEXT</summary>
static class Program
{
    static void Main(string[] args)
    {
        switch (args[0])
        {
            case "send": Send.Run(args[1], args[2]).GetAwaiter().GetResult(); break;
            case "retry": Retry.Run(args[1], args[2], args[3]).GetAwaiter().GetResult(); break;
            case "batch": Batch.Run(args[1], args.Skip(2).ToArray()).GetAwaiter().GetResult(); break;
            case "follow": Follow.Run(args[1]).GetAwaiter().GetResult(); break;
            case "receive": Receive.Run().GetAwaiter().GetResult(); break;
            default: throw new ArgumentException("there is no example " + args[0]);
        }
    }
}
