function __tapestry_should_offer_completions_for_flags_or_options -a expected_commands
    set -l non_repeating_flags_or_options $argv[2..]
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tapestry_parse_tokens
    test "$commands" = "$expected_commands"; and return $non_repeating_flags_or_options_absent
end

function __tapestry_should_offer_completions_for_positional -a expected_commands positional_index_comparison expected_positional_index
    set -l non_repeating_flags_or_options
    set -l non_repeating_flags_or_options_absent 0
    set -l positional_index 0
    set -l commands
    __tapestry_parse_tokens
    test "$commands" = "$expected_commands" -a \( "$positional_index" "$positional_index_comparison" "$expected_positional_index" \)
end

function __tapestry_parse_tokens -S
    set -l unparsed_tokens (__tapestry_tokens -pc)
    switch $unparsed_tokens[1]
    case 'tapestry'
        __tapestry_parse_subcommand 0 'state=' 'v/verbose' 'version' 'h/help'
        switch $unparsed_tokens[1]
        case 'attach'
            __tapestry_parse_subcommand 1 'network=' 'interface=' 'ip=' 'mac=' 'owner=' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'publish=+' 'rate-limit=' 'max-connections=' 'pid=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'detach'
            __tapestry_parse_subcommand 1 'interface=' 'all' 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'run'
            __tapestry_parse_subcommand -r 2 'network=' 'interface=' 'ip=' 'mac=' 'owner=' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'publish=+' 'rate-limit=' 'max-connections=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'ls'
            __tapestry_parse_subcommand 0 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'inspect'
            __tapestry_parse_subcommand 1 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'network'
            __tapestry_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'create'
                __tapestry_parse_subcommand 1 'mode=' 'guest-ip=' 'guest-mac=' 'guest-gateway=' 'gateway-mac=' 'subnet=' 'bridge=' 'mtu=' 'dns=+' 'dns-server' 'dns-upstream=+' 'allow-inter-vm' 'no-nat' 'subnet6=' 'nat6' 'no-nat6' 'no-firewall-rules' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'host-access=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            case 'ls'
                __tapestry_parse_subcommand 0 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            case 'show'
                __tapestry_parse_subcommand 1 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            case 'rm'
                __tapestry_parse_subcommand 1 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            end
        case 'policy'
            __tapestry_parse_subcommand 0 'version' 'h/help'
            switch $unparsed_tokens[1]
            case 'set'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'egress=' 'allow=+' 'deny=+' 'allow-domain=+' 'inherit' 'host-access=' 'rate-limit=' 'max-connections=' 'version' 'h/help'
            case 'add'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'allow=+' 'deny=+' 'allow-domain=+' 'host-access=' 'version' 'h/help'
            case 'remove'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'dry-run' 'o/output=' 'state=' 'v/verbose' 'allow=+' 'deny=+' 'allow-domain=+' 'host-access=' 'version' 'h/help'
            case 'show'
                __tapestry_parse_subcommand 1 'interface=' 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
            end
        case 'publish'
            __tapestry_parse_subcommand -r 2 'interface=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'unpublish'
            __tapestry_parse_subcommand -r 2 'interface=' 'all' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'check'
            __tapestry_parse_subcommand 0 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'repair'
            __tapestry_parse_subcommand 0 'dry-run' 'adopt' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'gc'
            __tapestry_parse_subcommand 0 'dry-run' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'cleanup'
            __tapestry_parse_subcommand 0 'network=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'doctor'
            __tapestry_parse_subcommand 0 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'bench'
            __tapestry_parse_subcommand 0 'guests=' 'mode=' 'part=+' 'idle=' 'o/output=' 'state=' 'v/verbose' 'version' 'h/help'
        case 'version'
            __tapestry_parse_subcommand 0 'o/output=' 'version' 'h/help'
        case 'help'
            __tapestry_parse_subcommand -r 1 'version'
        end
    end
end

function __tapestry_tokens
    if test (string split -m 1 -f 1 -- . "$FISH_VERSION") -gt 3
        commandline --tokens-raw $argv
    else
        commandline -o $argv
    end
end

function __tapestry_parse_subcommand -S -a positional_count
    argparse -s r -- $argv
    set -l option_specs $argv[2..]
    set -l is_repeating_positional $_flag_r
    set -el _flag_r
    set -a commands $unparsed_tokens[1]
    set positional_index 0
    while true
        set -e unparsed_tokens[1]
        argparse -sn "$commands" $option_specs -- $unparsed_tokens 2> /dev/null
        set unparsed_tokens $argv
        set positional_index (math $positional_index + 1)
        for non_repeating_flag_or_option in $non_repeating_flags_or_options
            if set -ql "_flag_$(string replace -a - _ -- $non_repeating_flag_or_option)"
                set non_repeating_flags_or_options_absent 1
                break
            end
        end
        test (count $unparsed_tokens) -eq 0 -o \( -z "$is_repeating_positional" -a "$positional_index" -gt "$positional_count" \) && break
    end
end

function __tapestry_complete_directories
    set -l token (commandline -t)
    string match -- '*/' $token
    set -l subdirs $token*/
    printf %s\n $subdirs
end

function __tapestry_custom_completion
    set -x SAP_SHELL fish
    set -x SAP_SHELL_VERSION $FISH_VERSION
    set -l tokens (__tapestry_tokens -p)
    if test -z "$(__tapestry_tokens -t)"
        set -l index (count (__tapestry_tokens -pc))
        set tokens $tokens[..$index] \'\' $tokens[(math $index + 1)..]
    end
    command $tokens[1] $argv $tokens
end

complete -c 'tapestry' -f
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'attach' -d 'Plug a VM into a network: make its TAP, print what VMM and guest need.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'detach' -d 'Unplug a VM: stop its traffic, delete its TAPs, free its addresses.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'run' -d 'Attach a VM, run its VMM, and detach when that ends, whatever way it ends.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'ls' -d 'List what is attached.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'inspect' -d 'Show every interface of one VM in full.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'network' -d 'Create, list, show and remove networks.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'policy' -d 'What guests may reach: show it, or change it while they run.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'publish' -d 'Let ports of the host lead to a VM that runs.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'unpublish' -d 'Take ports of the host back from a VM.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'check' -d 'Compare what should be with what the kernel has.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'repair' -d 'Mend every difference that \'check\' finds.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'gc' -d 'Take down what nobody uses any more.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'cleanup' -d 'Take everything down, and leave the host as it was.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'doctor' -d 'Look the host over: what keeps guests from having a network, or will.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'bench' -d 'Measure attach, detach and packets on this machine, against the kernel\'s own cost.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'version' -d 'Print the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry" -eq 1' -fa 'help' -d 'Show subcommand help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" network' -l 'network' -d 'The network to plug it into.' -rfka '(__tapestry_custom_completion ---completion attach -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" interface' -l 'interface' -d 'The id of the VM\'s interface, in the same letters as the VM\'s. Where it is a name that Linux gives a NIC, such as eth1 or ens3, the boot arguments configure that one, else eth0.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" ip' -l 'ip' -d 'This IPv4 address, instead of the next free one of the network\'s subnet.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" mac' -l 'mac' -d 'This MAC, instead of the one derived from the ids.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" owner' -l 'owner' -d 'Who may open the TAP without privilege, in numbers: the user that the VMM runs as, and a group. (default: root alone)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" egress' -l 'egress' -d 'What may be reached where no rule says anything: all that the host reaches; what is on the internet, and so nothing private; or nothing. (default: a network\'s is all, an attachment\'s that of its network)' -rfka 'all internet none'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'allow' -d 'Let this through: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp]; may be repeated. Before a port, an IPv6 address is in brackets. Of rules that overlap, the one with the longer prefix counts, then the one with fewer ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'deny' -d 'Drop this; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'allow-domain' -d 'Where the reach is none, let through what the network\'s name server (--dns-server) has told of this name, or with *. before it of the names below, if it is on the internet; for an hour since. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach"' -l 'publish' -d 'Let a port of the host lead to one of the guest\'s: [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" rate-limit' -l 'rate-limit' -d 'How much the guest may send (tx) and get (rx) a second: tx=RATE,rx=RATE,tx-packets=NUMBER, of which one is enough; RATE is a number and bit, kbit, mbit or gbit. Counted is what the guest hands over: a packet that is cut into segments on its way out counts once.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" max-connections' -l 'max-connections' -d 'How many connections the guest may have at a time; or none, for no limit. (default: 4096)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" pid' -l 'pid' -d 'The process whose end ends the attachment: the VMM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" dry-run' -l 'dry-run' -d 'Print the attachment as it would be, and every step to it; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" o output' -l 'output' -s 'o' -d 'How to print the attachment.' -rfka 'text json env boot-args firecracker qemu'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry attach" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry detach" -eq 1' -fka '(__tapestry_custom_completion ---completion detach -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" all' -l 'all' -d 'Every VM, instead of one.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" network' -l 'network' -d 'With --all: only those of this network.' -rfka '(__tapestry_custom_completion ---completion detach -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry detach" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" network' -l 'network' -d 'The network to plug it into.' -rfka '(__tapestry_custom_completion ---completion run -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" interface' -l 'interface' -d 'The id of the VM\'s interface, in the same letters as the VM\'s. Where it is a name that Linux gives a NIC, such as eth1 or ens3, the boot arguments configure that one, else eth0.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" ip' -l 'ip' -d 'This IPv4 address, instead of the next free one of the network\'s subnet.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" mac' -l 'mac' -d 'This MAC, instead of the one derived from the ids.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" owner' -l 'owner' -d 'Who may open the TAP without privilege, in numbers: the user that the VMM runs as, and a group. (default: root alone)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" egress' -l 'egress' -d 'What may be reached where no rule says anything: all that the host reaches; what is on the internet, and so nothing private; or nothing. (default: a network\'s is all, an attachment\'s that of its network)' -rfka 'all internet none'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'allow' -d 'Let this through: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp]; may be repeated. Before a port, an IPv6 address is in brackets. Of rules that overlap, the one with the longer prefix counts, then the one with fewer ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'deny' -d 'Drop this; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'allow-domain' -d 'Where the reach is none, let through what the network\'s name server (--dns-server) has told of this name, or with *. before it of the names below, if it is on the internet; for an hour since. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run"' -l 'publish' -d 'Let a port of the host lead to one of the guest\'s: [HOST_IP:]HOST_PORT[-END]:GUEST_PORT[/tcp|udp]; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" rate-limit' -l 'rate-limit' -d 'How much the guest may send (tx) and get (rx) a second: tx=RATE,rx=RATE,tx-packets=NUMBER, of which one is enough; RATE is a number and bit, kbit, mbit or gbit. Counted is what the guest hands over: a packet that is cut into segments on its way out counts once.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" max-connections' -l 'max-connections' -d 'How many connections the guest may have at a time; or none, for no limit. (default: 4096)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry run" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" network' -l 'network' -d 'Only those of this network.' -rfka '(__tapestry_custom_completion ---completion ls -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry ls" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry inspect" -eq 1' -fka '(__tapestry_custom_completion ---completion inspect -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry inspect" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'create' -d 'Make a network: a bridge with the gateway\'s address, its ruleset, forwarding.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'ls' -d 'List the networks.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'show' -d 'Show one network in full.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network" -eq 1' -fa 'rm' -d 'Remove a network that has no attachments.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" mode' -l 'mode' -d 'How guests are joined: as ports of a bridge, at most 1,023; or each by a route of its own; or so for guests that were restored from one snapshot.' -rfka 'bridge routed clone'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" guest-ip' -l 'guest-ip' -d 'The address that every guest of a clone network has. (default prefix length: 24)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" guest-mac' -l 'guest-mac' -d 'The MAC that every guest of a clone network has.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" guest-gateway' -l 'guest-gateway' -d 'The gateway that they were configured with. (default: the first address of their subnet)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" gateway-mac' -l 'gateway-mac' -d 'The MAC that they know their gateway by. (default: the one that guests of the network \'default\' know)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" subnet' -l 'subnet' -d 'The guests\' IPv4 subnet; its first address is the gateway\'s. (default: the first /24 from 172.30.0.0 on that is free on this host)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" bridge' -l 'bridge' -d 'The name of the bridge to make; it has the gateway\'s address. (default: the first free one of svbr0, svbr1, …)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" mtu' -l 'mtu' -d 'The MTU of the bridge and of the guests\' links: 576 to 65521. (default: 1500, or the uplink\'s where that is less)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'dns' -d 'A name server for the guests\' boot arguments; may be given twice.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" dns-server' -l 'dns-server' -d 'Serve names at the gateway\'s address, for this network\'s guests alone: dnsmasq tells them of the outside and, with --allow-inter-vm, of each other by VM.NETWORK.internal; in mode bridge it answers DHCP and, with --subnet6, sends router advertisements too. The boot arguments name it, unless there is a --dns.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'dns-upstream' -d 'Whom the network\'s name server asks about the outside; may be given three times. (default: whom the host asks)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" allow-inter-vm' -l 'allow-inter-vm' -d 'Let guests of this network reach each other.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" no-nat' -l 'no-nat' -d 'Do not masquerade: whoever is to answer the guests needs a route to the subnet.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" subnet6' -l 'subnet6' -d 'The guests\' IPv6 prefix, a /64; \'auto\' draws a unique local one. (default: no IPv6)' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" nat6' -l 'nat6' -d 'Whether guests\' IPv6 appears under the host\'s address outside. (default: only where the prefix is a unique local one)'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" no-nat6' -l 'no-nat6' -d 'Whether guests\' IPv6 appears under the host\'s address outside. (default: only where the prefix is a unique local one)'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" no-firewall-rules' -l 'no-firewall-rules' -d 'Put no rules that let guests through into other firewalls of the host: what these drop stays dropped.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" egress' -l 'egress' -d 'What may be reached where no rule says anything: all that the host reaches; what is on the internet, and so nothing private; or nothing. (default: a network\'s is all, an attachment\'s that of its network)' -rfka 'all internet none'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'allow' -d 'Let this through: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp]; may be repeated. Before a port, an IPv6 address is in brackets. Of rules that overlap, the one with the longer prefix counts, then the one with fewer ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'deny' -d 'Drop this; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create"' -l 'allow-domain' -d 'Where the reach is none, let through what the network\'s name server (--dns-server) has told of this name, or with *. before it of the names below, if it is on the internet; for an hour since. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" host-access' -l 'host-access' -d 'What guests may reach of the host itself: none, or of icmp, dns, all and PORT[-PORT]/tcp|udp one or more, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network create" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network ls" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network show" -eq 1' -fka '(__tapestry_custom_completion ---completion network show -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry network rm" -eq 1' -fka '(__tapestry_custom_completion ---completion network rm -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry network rm" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'set' -d 'Change what a VM, or the guests of a network, may reach.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'add' -d 'Add to the lists of a policy.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'remove' -d 'Remove from the lists of a policy.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy" -eq 1' -fa 'show' -d 'Show what a VM, or the guests of a network, may reach.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy set" -eq 1' -fka '(__tapestry_custom_completion ---completion policy set -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" network' -l 'network' -d 'A network\'s, instead of a VM\'s.' -rfka '(__tapestry_custom_completion ---completion policy set -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" dry-run' -l 'dry-run' -d 'Print the policy as it would be, and the connections that would end; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" egress' -l 'egress' -d 'What may be reached where no rule says anything: all that the host reaches; what is on the internet, and so nothing private; nothing; or, of a VM, what its network says.' -rfka 'all internet none inherit'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set"' -l 'allow' -d 'Let this through: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp]; may be repeated. Before a port, an IPv6 address is in brackets. Of rules that overlap, the one with the longer prefix counts, then the one with fewer ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set"' -l 'deny' -d 'Drop this; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set"' -l 'allow-domain' -d 'Where the reach is none, let through what the network\'s name server (--dns-server) has told of this name, or with *. before it of the names below, if it is on the internet; for an hour since. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" inherit' -l 'inherit' -d 'No policy of the VM\'s own: what its network says.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" host-access' -l 'host-access' -d 'With --network: what guests may reach of the host itself: none, or of icmp, dns, all and PORT[-PORT]/tcp|udp one or more, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" rate-limit' -l 'rate-limit' -d 'Of a VM: tx=RATE,rx=RATE,tx-packets=NUMBER, of which one is enough, as \'attach\' takes it, or none for each; or none.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" max-connections' -l 'max-connections' -d 'Of a VM: how many connections it may have at a time; none for no limit, default for what goes without saying.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy set" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy add" -eq 1' -fka '(__tapestry_custom_completion ---completion policy add -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" network' -l 'network' -d 'A network\'s, instead of a VM\'s.' -rfka '(__tapestry_custom_completion ---completion policy add -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" dry-run' -l 'dry-run' -d 'Print the policy as it would be, and the connections that would end; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add"' -l 'allow' -d 'Let this through: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp]; may be repeated. Before a port, an IPv6 address is in brackets. Of rules that overlap, the one with the longer prefix counts, then the one with fewer ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add"' -l 'deny' -d 'Drop this; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add"' -l 'allow-domain' -d 'Where the reach is none, let through what the network\'s name server (--dns-server) has told of this name, or with *. before it of the names below, if it is on the internet; for an hour since. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" host-access' -l 'host-access' -d 'With --network: of what guests may reach of the host itself, of icmp, dns, all and PORT[-PORT]/tcp|udp one or more, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy add" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy remove" -eq 1' -fka '(__tapestry_custom_completion ---completion policy remove -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" network' -l 'network' -d 'A network\'s, instead of a VM\'s.' -rfka '(__tapestry_custom_completion ---completion policy remove -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" dry-run' -l 'dry-run' -d 'Print the policy as it would be, and the connections that would end; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove"' -l 'allow' -d 'Let this through: ADDRESS[/LENGTH][:PORT[-PORT]][/tcp|udp|icmp]; may be repeated. Before a port, an IPv6 address is in brackets. Of rules that overlap, the one with the longer prefix counts, then the one with fewer ports.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove"' -l 'deny' -d 'Drop this; may be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove"' -l 'allow-domain' -d 'Where the reach is none, let through what the network\'s name server (--dns-server) has told of this name, or with *. before it of the names below, if it is on the internet; for an hour since. May be repeated.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" host-access' -l 'host-access' -d 'With --network: of what guests may reach of the host itself, of icmp, dns, all and PORT[-PORT]/tcp|udp one or more, separated by commas.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy remove" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry policy show" -eq 1' -fka '(__tapestry_custom_completion ---completion policy show -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" interface' -l 'interface' -d 'Only this interface of the VM.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" network' -l 'network' -d 'A network\'s, instead of a VM\'s.' -rfka '(__tapestry_custom_completion ---completion policy show -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry policy show" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry publish" -eq 1' -fka '(__tapestry_custom_completion ---completion publish -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" interface' -l 'interface' -d 'The interface of the VM, where it has several.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry publish" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_positional "tapestry unpublish" -eq 1' -fka '(__tapestry_custom_completion ---completion unpublish -- positional@0 (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" interface' -l 'interface' -d 'The interface of the VM, where it has several.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" all' -l 'all' -d 'All that the VM has published.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry unpublish" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry check" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" dry-run' -l 'dry-run' -d 'Print what would be done; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" adopt' -l 'adopt' -d 'First write down the networks and attachments that the kernel has and the state file lacks.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry repair" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" dry-run' -l 'dry-run' -d 'Print what would be done; change nothing.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry gc" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" network' -l 'network' -d 'Only this network.' -rfka '(__tapestry_custom_completion ---completion cleanup -- --network (count (__tapestry_tokens -pc)) (__tapestry_tokens -tC))'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry cleanup" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry doctor" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" guests' -l 'guests' -d 'How many guests to attach and detach.' -rfka ''
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" mode' -l 'mode' -d 'How the guests\' network joins them: bridge, routed, clone.' -rfka 'bridge routed clone'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench"' -l 'part' -d 'What to measure; may be given several times. (default: all)' -rfka 'library commands components clones packets'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" idle' -l 'idle' -d 'A program that does nothing, to compare the start of commands with.' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" state' -l 'state' -d 'The file in which networks and attachments are written down, where root, or this user, alone may write. (default: $TAPESTRY_STATE, else /var/lib/tapestry/state.db)' -rF
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" v verbose' -l 'verbose' -s 'v' -d 'Tell every step on standard error.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry bench" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry version" o output' -l 'output' -s 'o' -d 'How to print results and errors.' -rfka 'text json'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry version" version' -l 'version' -d 'Show the version.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry version" h help' -s 'h' -l 'help' -d 'Show help information.'
complete -c 'tapestry' -n '__tapestry_should_offer_completions_for_flags_or_options "tapestry help" version' -l 'version' -d 'Show the version.'
