#!/bin/bash

__tapestry_cursor_index_in_current_word() {
    local remaining="${COMP_LINE}"

    local word
    for word in "${COMP_WORDS[@]::COMP_CWORD}"; do
        remaining="${remaining##*([[:space:]])"${word}"*([[:space:]])}"
    done

    local -ir index="$((COMP_POINT - ${#COMP_LINE} + ${#remaining}))"
    if [[ "${index}" -le 0 ]]; then
        printf 0
    else
        printf %s "${index}"
    fi
}

# positional arguments:
#
# - 1: the current (sub)command's count of positional arguments
#
# required variables:
#
# - repeating_flags: the repeating flags that the current (sub)command can accept
# - non_repeating_flags: the non-repeating flags that the current (sub)command can accept
# - repeating_options: the repeating options that the current (sub)command can accept
# - non_repeating_options: the non-repeating options that the current (sub)command can accept
# - positional_number: value ignored
# - unparsed_words: unparsed words from the current command line
#
# modified variables:
#
# - non_repeating_flags: remove flags for this (sub)command that are already on the command line
# - non_repeating_options: remove options for this (sub)command that are already on the command line
# - positional_number: set to the current positional number
# - unparsed_words: remove all flags, options, and option values for this (sub)command
__tapestry_offer_flags_options() {
    local -ir positional_count="${1}"
    positional_number=0

    local was_flag_option_terminator_seen=false
    local is_parsing_option_value=false

    local -ar unparsed_word_indices=("${!unparsed_words[@]}")
    local -i word_index
    for word_index in "${unparsed_word_indices[@]}"; do
        if "${is_parsing_option_value}"; then
            # This word is an option value:
            # Reset marker for next word iff not currently the last word
            [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]] && is_parsing_option_value=false
            unset "unparsed_words[${word_index}]"
            # Do not process this word as a flag or an option
            continue
        fi

        local word="${unparsed_words["${word_index}"]}"
        if ! "${was_flag_option_terminator_seen}"; then
            case "${word}" in
            --)
                unset "unparsed_words[${word_index}]"
                # by itself -- is a flag/option terminator, but if it is the last word, it is the start of a completion
                if [[ "${word_index}" -ne "${unparsed_word_indices[${#unparsed_word_indices[@]} - 1]}" ]]; then
                    was_flag_option_terminator_seen=true
                fi
                continue
                ;;
            -*)
                # ${word} is a flag or an option
                # If ${word} is an option, mark that the next word to be parsed is an option value
                local option
                for option in "${repeating_options[@]}" "${non_repeating_options[@]}"; do
                    [[ "${word}" = "${option}" ]] && is_parsing_option_value=true && break
                done

                # Remove ${word} from ${non_repeating_flags} or ${non_repeating_options} so it isn't offered again
                local not_found=true
                local -i index
                for index in "${!non_repeating_flags[@]}"; do
                    if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                        unset "non_repeating_flags[${index}]"
                        non_repeating_flags=("${non_repeating_flags[@]}")
                        not_found=false
                        break
                    fi
                done
                if "${not_found}"; then
                    for index in "${!non_repeating_flags[@]}"; do
                        if [[ "${non_repeating_flags[${index}]}" = "${word}" ]]; then
                            unset "non_repeating_flags[${index}]"
                            non_repeating_flags=("${non_repeating_flags[@]}")
                            break
                        fi
                    done
                fi
                unset "unparsed_words[${word_index}]"
                continue
                ;;
            esac
        fi

        # ${word} is neither a flag, nor an option, nor an option value
        if [[ "${positional_number}" -lt "${positional_count}" || "${positional_count}" -lt 0 ]]; then
            # ${word} is a positional
            ((positional_number++))
            unset "unparsed_words[${word_index}]"
        else
            if [[ -z "${word}" ]]; then
                # Could be completing a flag, option, or subcommand
                positional_number=-1
            else
                # ${word} is a subcommand or invalid, so stop processing this (sub)command
                positional_number=-2
            fi
            break
        fi
    done

    unparsed_words=("${unparsed_words[@]}")

    if\
        ! "${was_flag_option_terminator_seen}"\
        && ! "${is_parsing_option_value}"\
        && [[ ("${cur}" = -* && "${positional_number}" -ge 0) || "${positional_number}" -eq -1 ]]
    then
        COMPREPLY+=($(compgen -W "${repeating_flags[*]} ${non_repeating_flags[*]} ${repeating_options[*]} ${non_repeating_options[*]}" -- "${cur}"))
    fi
}

__tapestry_add_completions() {
    local completion
    while IFS='' read -r completion; do
        COMPREPLY+=("${completion}")
    done < <(IFS=$'\n' compgen "${@}" -- "${cur}")
}

__tapestry_custom_complete() {
    if [[ -n "${cur}" || -z ${COMP_WORDS[${COMP_CWORD}]} || "${COMP_LINE:${COMP_POINT}:1}" != ' ' ]]; then
        local -ar words=("${COMP_WORDS[@]}")
    else
        local -ar words=("${COMP_WORDS[@]::${COMP_CWORD}}" '' "${COMP_WORDS[@]:${COMP_CWORD}}")
    fi

    "${COMP_WORDS[0]}" "${@}" "${words[@]}"
}

_tapestry() {
    local state
    state="$(shopt -p;shopt -po)"
    trap "${state//$'\n'/;}" RETURN
    shopt -s extglob
    set +o history +o posix

    local -xr SAP_SHELL=bash
    local -x SAP_SHELL_VERSION
    SAP_SHELL_VERSION="$(IFS='.';printf %s "${BASH_VERSINFO[*]}")"
    local -r SAP_SHELL_VERSION

    local -r cur="${2}"
    local -r prev="${3}"

    local -i positional_number
    local -a unparsed_words=("${COMP_WORDS[@]:1:${COMP_CWORD}}")

    local -a repeating_flags=()
    local -a non_repeating_flags=(--verbose -v --version -h --help)
    local -a repeating_options=()
    local -a non_repeating_options=(--state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    attach|detach|run|ls|inspect|network|policy|publish|unpublish|label|check|repair|gc|cleanup|doctor|bench|version|help)
        # Offer subcommand argument completions
        "_tapestry_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'attach detach run ls inspect network policy publish unpublish label check repair gc cleanup doctor bench version help' -- "${cur}"))
        ;;
    esac
}

_tapestry_attach() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --verbose -v --version -h --help)
    repeating_options=(--allow --deny --allow-domain --allow-label --publish --label)
    non_repeating_options=(--network --interface --ip --mac --owner --egress --rate-limit --max-connections --pid --output -o --state)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion attach -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--interface')
        return
        ;;
    '--ip')
        return
        ;;
    '--mac')
        return
        ;;
    '--owner')
        return
        ;;
    '--egress')
        __tapestry_add_completions -W 'all'$'\n''internet'$'\n''none'
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-domain')
        return
        ;;
    '--allow-label')
        return
        ;;
    '--publish')
        return
        ;;
    '--rate-limit')
        return
        ;;
    '--max-connections')
        return
        ;;
    '--label')
        return
        ;;
    '--pid')
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'$'\n''env'$'\n''boot-args'$'\n''firecracker'$'\n''qemu'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_detach() {
    repeating_flags=()
    non_repeating_flags=(--all --verbose -v --version -h --help)
    repeating_options=(--filter)
    non_repeating_options=(--interface --network --output -o --state)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--filter')
        return
        ;;
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion detach -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion detach -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_run() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=(--allow --deny --allow-domain --allow-label --publish --label)
    non_repeating_options=(--network --interface --ip --mac --owner --egress --rate-limit --max-connections --output -o --state)
    __tapestry_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion run -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--interface')
        return
        ;;
    '--ip')
        return
        ;;
    '--mac')
        return
        ;;
    '--owner')
        return
        ;;
    '--egress')
        __tapestry_add_completions -W 'all'$'\n''internet'$'\n''none'
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-domain')
        return
        ;;
    '--allow-label')
        return
        ;;
    '--publish')
        return
        ;;
    '--rate-limit')
        return
        ;;
    '--max-connections')
        return
        ;;
    '--label')
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_ls() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=(--filter)
    non_repeating_options=(--network --output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion ls -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--filter')
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_inspect() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion inspect -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_network() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tapestry_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    create|ls|show|rm)
        # Offer subcommand argument completions
        "_tapestry_network_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'create ls show rm' -- "${cur}"))
        ;;
    esac
}

_tapestry_network_create() {
    repeating_flags=()
    non_repeating_flags=(--nat6 --no-nat6 --dns-server --allow-inter-vm --no-nat --no-firewall-rules --verbose -v --version -h --help)
    repeating_options=(--dns --dns-upstream --allow --deny --allow-domain --allow-label --label)
    non_repeating_options=(--mode --guest-ip --guest-mac --guest-gateway --gateway-mac --subnet --bridge --mtu --subnet6 --egress --host-access --output -o --state)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--mode')
        __tapestry_add_completions -W 'bridge'$'\n''routed'$'\n''clone'
        return
        ;;
    '--guest-ip')
        return
        ;;
    '--guest-mac')
        return
        ;;
    '--guest-gateway')
        return
        ;;
    '--gateway-mac')
        return
        ;;
    '--subnet')
        return
        ;;
    '--bridge')
        return
        ;;
    '--mtu')
        return
        ;;
    '--subnet6')
        return
        ;;
    '--dns')
        return
        ;;
    '--dns-upstream')
        return
        ;;
    '--egress')
        __tapestry_add_completions -W 'all'$'\n''internet'$'\n''none'
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-domain')
        return
        ;;
    '--allow-label')
        return
        ;;
    '--host-access')
        return
        ;;
    '--label')
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_network_ls() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_network_show() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion network show -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_network_rm() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion network rm -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_policy() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=()
    __tapestry_offer_flags_options 0

    # Offer subcommand / subcommand argument completions
    local -r subcommand="${unparsed_words[0]}"
    unset 'unparsed_words[0]'
    unparsed_words=("${unparsed_words[@]}")
    case "${subcommand}" in
    set|add|remove|show)
        # Offer subcommand argument completions
        "_tapestry_policy_${subcommand}"
        ;;
    *)
        # Offer subcommand completions
        COMPREPLY+=($(compgen -W 'set add remove show' -- "${cur}"))
        ;;
    esac
}

_tapestry_policy_set() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --verbose -v --inherit --version -h --help)
    repeating_options=(--allow --deny --allow-domain --allow-label)
    non_repeating_options=(--interface --network --output -o --state --egress --host-access --rate-limit --max-connections)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy set -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    '--egress')
        __tapestry_add_completions -W 'all'$'\n''internet'$'\n''none'$'\n''inherit'
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-domain')
        return
        ;;
    '--allow-label')
        return
        ;;
    '--host-access')
        return
        ;;
    '--rate-limit')
        return
        ;;
    '--max-connections')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy set -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_policy_add() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --verbose -v --version -h --help)
    repeating_options=(--allow --deny --allow-domain --allow-label)
    non_repeating_options=(--interface --network --output -o --state --host-access)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy add -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-domain')
        return
        ;;
    '--allow-label')
        return
        ;;
    '--host-access')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy add -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_policy_remove() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --verbose -v --version -h --help)
    repeating_options=(--allow --deny --allow-domain --allow-label)
    non_repeating_options=(--interface --network --output -o --state --host-access)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy remove -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    '--allow')
        return
        ;;
    '--deny')
        return
        ;;
    '--allow-domain')
        return
        ;;
    '--allow-label')
        return
        ;;
    '--host-access')
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy remove -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_policy_show() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--interface --network --output -o --state)
    __tapestry_offer_flags_options 1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy show -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion policy show -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_publish() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--interface --output -o --state)
    __tapestry_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion publish -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_unpublish() {
    repeating_flags=()
    non_repeating_flags=(--all --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--interface --output -o --state)
    __tapestry_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    1)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion unpublish -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_label() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--interface --network --output -o --state)
    __tapestry_offer_flags_options -1

    # Offer option value completions
    case "${prev}" in
    '--interface')
        return
        ;;
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion label -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac

    # Offer positional completions
    case "${positional_number}" in
    *)
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion label -- positional@0 "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    esac
}

_tapestry_check() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_repair() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --adopt --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_gc() {
    repeating_flags=()
    non_repeating_flags=(--dry-run --verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_cleanup() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--network --output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--network')
        __tapestry_add_completions -W "$(__tapestry_custom_complete ---completion cleanup -- --network "${COMP_CWORD}" "$(__tapestry_cursor_index_in_current_word)")"
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_doctor() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_bench() {
    repeating_flags=()
    non_repeating_flags=(--verbose -v --version -h --help)
    repeating_options=(--part)
    non_repeating_options=(--guests --mode --idle --output -o --state)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--guests')
        return
        ;;
    '--mode')
        __tapestry_add_completions -W 'bridge'$'\n''routed'$'\n''clone'
        return
        ;;
    '--part')
        __tapestry_add_completions -W 'library'$'\n''commands'$'\n''components'$'\n''clones'$'\n''packets'
        return
        ;;
    '--idle')
        __tapestry_add_completions -f
        return
        ;;
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    '--state')
        __tapestry_add_completions -f
        return
        ;;
    esac
}

_tapestry_version() {
    repeating_flags=()
    non_repeating_flags=(--version -h --help)
    repeating_options=()
    non_repeating_options=(--output -o)
    __tapestry_offer_flags_options 0

    # Offer option value completions
    case "${prev}" in
    '--output'|'-o')
        __tapestry_add_completions -W 'text'$'\n''json'
        return
        ;;
    esac
}

_tapestry_help() {
    repeating_flags=()
    non_repeating_flags=(--version)
    repeating_options=()
    non_repeating_options=()
    __tapestry_offer_flags_options -1
}

complete -o filenames -F _tapestry tapestry
